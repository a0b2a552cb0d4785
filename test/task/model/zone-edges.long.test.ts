import { Temporal } from 'temporal-polyfill';
import { beforeAll, expect, it } from 'vitest';
import { encodeId, newUid } from '../../../src/ids.ts';
import { useWorld } from '../world.ts';

// Views and due buckets at every change of offset of every zone from 2024 to 2030, asked of the gateway; what a zone's
// clocks show is asked of the platform's calendar, not of what the gateway knows of zones.

let clock = 0;
const world = useWorld({ now: () => new Date(clock) });

interface Change {
  readonly at: number;
  /** One of the zones that change so at this moment. */
  readonly zone: string;
  readonly tasks: readonly { readonly key: string; readonly date: string | number }[];
}

const addDays = (day: string, count: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);

/** What a zone's clocks show. */
function clockOf(zone: string): (instant: number) => string {
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, ...parts });
  return (instant) => format.format(instant);
}

/** Changes of offset: zones that change alike at one moment are one. */
function changes(): { at: number; zone: string }[] {
  const found = new Map<string, { at: number; zone: string }>();
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    let next = Temporal.Instant.from('2024-01-01T00:00:00Z').toZonedDateTimeISO(zone).getTimeZoneTransition('next');
    while (next && next.epochMilliseconds < Date.parse('2031-01-01T00:00:00Z')) {
      const before = next.subtract({ nanoseconds: 1 }).offset;
      found.set(`${next.epochMilliseconds} ${before} ${next.offset}`, { at: next.epochMilliseconds, zone });
      next = next.getTimeZoneTransition('next');
    }
  }
  return [...found.values()];
}

/** Whether a day has begun at an instant: clocks show it or a later one, or did before they were set back. */
function begun(day: string, instant: number, change: number, shows: (instant: number) => string): boolean {
  const looked = Array.from({ length: 13 }, (_, step) => instant - step * 15 * 60_000);
  return [...looked, ...(change <= instant && instant - change < 3 * 3_600_000 ? [change - 1] : [])].some(
    (moment) => shows(moment) >= day,
  );
}

/** The first moment of a day, found by halves between a moment before it and one in it. */
function firstOf(day: string, change: number, shows: (instant: number) => string): number {
  let [before, after] = [
    Date.parse(`${addDays(day, -1)}T00:00:00Z`) - 15 * 3_600_000,
    Date.parse(`${day}T23:59:59Z`) + 15 * 3_600_000,
  ];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (begun(day, middle, change, shows)) after = middle;
    else before = middle;
  }
  return after;
}

let all: readonly Change[];

beforeAll(async () => {
  const { prisma, organization } = world();
  const organizationId = organization.id;
  const rows: { uid: string; date: string | number }[] = [];
  all = changes().map(({ at, zone }) => {
    const shows = clockOf(zone);
    const today = shows(at - 1);
    const edges = [today, shows(at), addDays(shows(at), 1)].map((day) => firstOf(day, at, shows));
    const dates = [
      ...[-7, -1, 0, 1, 2, 7].map((days) => addDays(today, days)),
      ...new Set([at, ...edges].flatMap((edge) => [edge - 1, edge])),
    ];
    const own = dates.map((date) => ({ uid: newUid(), date }));
    rows.push(...own);
    return { at, zone, tasks: own.map(({ uid, date }) => ({ key: encodeId('Task', uid), date })) };
  });
  const at = new Date('2024-01-01T00:00:00Z');
  await prisma.task.createMany({
    data: rows.map(({ uid, date }) => ({
      ...{ organizationId, uid, title: uid, creatorId: organization.assistantId },
      ...{ createdAt: at, updatedAt: at, timelineAt: at },
      ...(typeof date === 'string' ? { dueOn: new Date(`${date}T00:00:00Z`) } : { dueAt: new Date(date) }),
    })),
  });
});

const LISTS = ['inbox', 'future', 'overdue', 'today', 'week'] as const;
const QUERY = `query Edges($timeZone: TimeZone, $ids: [ID!]) {
  inbox: tasks(view: INBOX, timeZone: $timeZone, filter: { id: { in: $ids } }, first: 100) { nodes { id view(timeZone: $timeZone) } }
  future: tasks(view: FUTURE, timeZone: $timeZone, filter: { id: { in: $ids } }, first: 100) { nodes { id view(timeZone: $timeZone) } }
  overdue: tasks(timeZone: $timeZone, filter: { id: { in: $ids }, due: OVERDUE }, first: 100) { nodes { id } }
  today: tasks(timeZone: $timeZone, filter: { id: { in: $ids }, due: TODAY }, first: 100) { nodes { id } }
  week: tasks(timeZone: $timeZone, filter: { id: { in: $ids }, due: THIS_WEEK }, first: 100) { nodes { id } }
}`;

/** Which of a change's tasks are in each list, by what clocks show. */
function expected({ at, zone, tasks }: Change, now: number): Record<(typeof LISTS)[number], string[]> {
  const shows = clockOf(zone);
  const today = shows(now);
  const weekday = new Date(`${today}T00:00:00Z`).getUTCDay() || 7;
  const monday = addDays(today, 1 - weekday);
  const reached = (day: string, date: string | number) =>
    typeof date === 'string' ? date >= day : begun(day, date, at, shows);
  const keys = (holds: (date: string | number) => boolean) =>
    tasks
      .filter(({ date }) => holds(date))
      .map(({ key }) => key)
      .sort();
  const isFuture = (date: string | number) => reached(addDays(today, 1), date);
  return {
    inbox: keys((date) => !isFuture(date)),
    future: keys(isFuture),
    overdue: keys((date) => (typeof date === 'string' ? date < today : date < now)),
    today: keys((date) => reached(today, date) && !isFuture(date)),
    week: keys((date) => reached(monday, date) && !reached(addDays(monday, 7), date)),
  };
}

it('views and due buckets are right just before and at every change of offset of every zone [CLOSE-26] [CLOSE-27]', async () => {
  expect(all.length).toBeGreaterThan(150);
  for (const change of all) {
    for (const now of [change.at - 1, change.at]) {
      clock = now;
      const variables = { timeZone: change.zone, ids: change.tasks.map(({ key }) => key) };
      const answer = (await world().gateway.ask(world().admin, QUERY, variables)) as Record<
        (typeof LISTS)[number],
        { nodes: { id: string; view?: string }[] }
      >;
      const found = Object.fromEntries(LISTS.map((list) => [list, answer[list].nodes.map(({ id }) => id).sort()]));
      expect(found, `${change.zone} at ${new Date(now).toISOString()}`).toEqual(expected(change, now));
      for (const [list, view] of [
        ['inbox', 'INBOX'],
        ['future', 'FUTURE'],
      ] as const) {
        expect(
          answer[list].nodes.filter((node) => node.view !== view),
          change.zone,
        ).toEqual([]);
      }
    }
  }
});
