import { beforeAll, describe, expect, it } from 'vitest';
import { graphql } from '../../generated/index.ts';
import { KINDS } from '../arbitrary.ts';
import { type TaskSketch, useWorld } from '../world.ts';

// The organization is in India; nobody has a zone of their own.
const clock = { now: '2026-03-11T12:00:00.000Z' };
const world = useWorld({ now: () => new Date(clock.now) }, 'Asia/Kolkata');

const LIST = graphql(`
  query KindsViews($view: TaskView, $filter: TaskFilter!) {
    tasks(view: $view, filter: $filter, first: 100) { nodes { title view date isOverdue } totalCount }
  }
`);
const ANY = { _type: { any: true } } as const;
type Headers = Readonly<Record<string, string>>;
const list = async (args: { view?: 'INBOX' | 'FUTURE' | 'ARCHIVE'; filter?: object }, headers: Headers = {}) => {
  const variables = { filter: { ...ANY, ...args.filter }, ...(args.view && { view: args.view }) };
  const { tasks } = await world().gateway.ask(world().member, LIST, variables, headers);
  expect(tasks.totalCount).toBe(tasks.nodes.length);
  return tasks.nodes;
};
const ofAllKinds = (titles: readonly string[]) => KINDS.flatMap((kind) => titles.map((title) => `${kind} ${title}`));
const plant = async (rows: Readonly<Record<string, TaskSketch>>) => {
  await world().clear();
  await world().tasks(
    Object.entries(rows).flatMap(([title, row]) => KINDS.map((kind) => ({ ...row, kind, title: `${kind} ${title}` }))),
  );
};

const dayBehind = (day: string, count: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);

const at = (zone: string): Headers => ({ 'x-time-zone': zone });
const offset = (hours: string): Headers => ({ 'x-tz-offset': hours });
/** Where, now, which day it is there, and when the next one begins, worked out by hand. */
const MOMENTS: [where: string, headers: Headers, now: string, today: string, tomorrow: string][] = [
  ['5.5', offset('5.5'), '2026-03-11T12:00:00.000Z', '2026-03-11', '2026-03-11T18:30:00.000Z'],
  ['5.75', offset('5.75'), '2026-03-11T18:14:59.999Z', '2026-03-11', '2026-03-11T18:15:00.000Z'],
  ['5.75, a moment later', offset('5.75'), '2026-03-11T18:15:00.000Z', '2026-03-12', '2026-03-12T18:15:00.000Z'],
  ['-3.5', offset('-3.5'), '2026-03-11T03:29:59.999Z', '2026-03-10', '2026-03-11T03:30:00.000Z'],
  ['12.75', offset('12.75'), '2026-03-11T12:00:00.000Z', '2026-03-12', '2026-03-12T11:15:00.000Z'],
  [
    'Lord Howe, before a day of 24.5 hours',
    at('Australia/Lord_Howe'),
    '2026-04-04T12:59:59.999Z',
    '2026-04-04',
    '2026-04-04T13:00:00.000Z',
  ],
  ['Lord Howe, on it', at('Australia/Lord_Howe'), '2026-04-04T13:00:00.000Z', '2026-04-05', '2026-04-05T13:30:00.000Z'],
  [
    'Lord Howe, on a day of 23.5 hours',
    at('Australia/Lord_Howe'),
    '2026-10-03T13:30:00.000Z',
    '2026-10-04',
    '2026-10-04T13:00:00.000Z',
  ],
  ['Kiritimati', at('Pacific/Kiritimati'), '2026-03-11T12:00:00.000Z', '2026-03-12', '2026-03-12T10:00:00.000Z'],
  ['Pago Pago', at('Pacific/Pago_Pago'), '2026-03-11T10:59:59.999Z', '2026-03-10', '2026-03-11T11:00:00.000Z'],
  [
    'the organization’s zone, of a viewer without one',
    {},
    '2026-03-11T18:29:59.999Z',
    '2026-03-11',
    '2026-03-11T18:30:00.000Z',
  ],
];

describe.each(MOMENTS)('at %s', (_where, headers, now, today, tomorrow) => {
  const midnight = Date.parse(tomorrow);
  beforeAll(async () => {
    clock.now = now;
    await plant({
      'of yesterday': { day: dayBehind(today, -1) },
      'of today': { day: today },
      'of tomorrow': { day: dayBehind(today, 1) },
      'a moment before midnight': { instant: midnight - 1 },
      'at midnight': { instant: midnight },
      undated: {},
      done: { day: today, status: 'COMPLETED' },
      'done ahead': { instant: midnight, status: 'COMPLETED' },
      dropped: { day: today, status: 'CANCELLED' },
    });
  });
  const inbox = ['of yesterday', 'of today', 'a moment before midnight', 'undated'];
  const future = ['of tomorrow', 'at midnight'];

  it.each([
    ['INBOX', '[CLOSE-26] [CLOSE-40]', inbox],
    ['FUTURE', '[CLOSE-27]', future],
    ['ARCHIVE', '[CLOSE-28]', ['done', 'done ahead']],
  ] as const)(
    '%s holds tasks of every kind up to its bound, and each is in that view [CLOSE-41] %s',
    async (view, _ids, titles) => {
      const found = await list({ view }, headers);
      expect(found.map(({ title }) => title).sort()).toEqual(ofAllKinds(titles).sort());
      expect([...new Set(found.map((task) => task.view))]).toEqual([view]);
    },
  );

  it('what is cancelled is in no view, what is undated has no date, and yesterday’s is overdue', async () => {
    const all = await list({}, headers);
    const shown = (title: string) => all.filter((task) => task.title.endsWith(title));
    expect(shown('dropped').map(({ view }) => view)).toEqual(KINDS.map(() => null));
    expect(shown('undated').map(({ date, isOverdue }) => [date, isOverdue])).toEqual(KINDS.map(() => [null, false]));
    expect(shown('of yesterday').every(({ isOverdue }) => isOverdue)).toBe(true);
    expect(shown('of today').some(({ isOverdue }) => isOverdue)).toBe(false);
  });

  it('a view and a range both hold, of every kind [CLOSE-37]', async () => {
    const titles = async (view: 'INBOX' | 'FUTURE', date: object) =>
      (await list({ view, filter: { date } }, headers)).map(({ title }) => title).sort();
    expect(await titles('INBOX', { gte: today })).toEqual(ofAllKinds(['a moment before midnight', 'of today']).sort());
    expect(await titles('FUTURE', { lt: dayBehind(today, 1) })).toEqual([]);
    expect(await titles('INBOX', { lt: tomorrow })).toEqual(
      ofAllKinds(['of yesterday', 'of today', 'a moment before midnight']).sort(),
    );
  });
});

it('the seed’s own example holds for every kind: a day comes before 08:00 and after 07:00 at -8 [CLOSE-07] [CLOSE-08] [CLOSE-09]', async () => {
  await plant({
    'at 08:00': { instant: Date.parse('2015-01-12T08:00:00Z') },
    'that day': { day: '2015-01-12' },
    'at 07:00': { instant: Date.parse('2015-01-12T07:00:00Z') },
  });
  const titles = (await list({}, offset('-8'))).map(({ title }) => title);
  expect(titles).toEqual(
    ['at 07:00', 'that day', 'at 08:00'].flatMap((title) => KINDS.map((kind) => `${kind} ${title}`)),
  );
});
