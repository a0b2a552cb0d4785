import fc from 'fast-check';
import { expect, it } from 'vitest';
import { uidOf } from '../../../src/ids.ts';
import { taken, useDesk } from './desk.ts';

// Threads as they should be, beside threads as they are, through whatever comes and in whatever order.

const desk = useDesk();

type Step =
  | { readonly what: 'in'; readonly minute: number }
  | { readonly what: 'out'; readonly minute: number; readonly followed: boolean }
  | { readonly what: 'complete' | 'remove'; readonly which: number };

const minute = fc.nat(9);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('in' as const), minute }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('out' as const), minute, followed: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('complete' as const, 'remove' as const), which: fc.nat(9) }),
  },
);

interface Modelled {
  readonly id: string;
  readonly kind: 'INCOMING_EMAIL' | 'EMAIL_FOLLOWUP';
  /** Its e-mails, by id and minute. */
  readonly emails: Map<string, number>;
  state: 'open' | 'complete' | 'gone';
  minute: number | null;
}

const DAY = '2026-03-05';
const at = (minutes: number) => `2026-03-02T10:0${minutes}:00.000Z`;

let threads = 0;

/** Carries out the steps in a thread of their own, and gives how it should stand. */
async function play(threadId: string, steps: readonly Step[]): Promise<Modelled[]> {
  const { by } = desk();
  const tasks: Modelled[] = [];
  const incoming: number[] = [];
  const open = (kind: Modelled['kind']) => tasks.filter((task) => task.kind === kind && task.state === 'open');
  for (const one of steps) {
    if (one.what === 'in') {
      const { activity, task } = taken(await by.email({ threadId, at: at(one.minute) }));
      const there = open('INCOMING_EMAIL')[0];
      if (there) {
        expect(task?.id).toBe(there.id);
        if (one.minute >= Math.max(...there.emails.values())) there.minute = one.minute;
        there.emails.set(activity.id, one.minute);
      } else {
        expect(tasks.map(({ id }) => id)).not.toContain(task?.id);
        const emails = new Map([[activity.id, one.minute]]);
        tasks.push({ id: task?.id as string, kind: 'INCOMING_EMAIL', emails, state: 'open', minute: one.minute });
      }
      incoming.push(one.minute);
      for (const followUp of open('EMAIL_FOLLOWUP')) {
        if ([...followUp.emails.values()].every((sent) => sent <= one.minute)) followUp.state = 'complete';
      }
    } else if (one.what === 'out') {
      const followUpOn = one.followed ? DAY : null;
      const words = { threadId, at: at(one.minute), direction: 'OUTBOUND', followUpOn } as const;
      const { activity, task } = taken(await by.email(words));
      const isAsked = one.followed && incoming.every((came) => came < one.minute);
      expect(task?._type ?? null).toBe(isAsked ? 'EMAIL_FOLLOWUP' : null);
      const emails = new Map([[activity.id, one.minute]]);
      if (task) tasks.push({ id: task.id, kind: 'EMAIL_FOLLOWUP', emails, state: 'open', minute: null });
    } else {
      const task = tasks.filter(({ state }) => state !== 'gone')[one.which % 4];
      if (!task) continue;
      await by[one.what](task.id);
      task.state = one.what === 'complete' ? 'complete' : 'gone';
    }
  }
  return tasks;
}

/** How the thread stands. */
async function standing(threadId: string) {
  const { prisma, organization } = desk().world;
  const where = { organizationId: organization.id };
  const tasks = await prisma.task.findMany({ where: { ...where, threadId }, orderBy: { id: 'asc' } });
  const emails = await prisma.taskEmail.findMany({ where: { ...where, taskId: { in: tasks.map(({ id }) => id) } } });
  const activities = await prisma.activity.findMany({ where: { ...where, threadId } });
  const uids = new Map(activities.map(({ id, uid }) => [id, uid]));
  const isOpen = ({ status, deletedAt }: (typeof tasks)[0]) => status === 'PENDING' && deletedAt === null;
  expect(tasks.filter((task) => task.kind === 'INCOMING_EMAIL' && isOpen(task)).length).toBeLessThanOrEqual(1);
  const came = activities.filter(({ direction }) => direction === 'INBOUND').map(({ id }) => id);
  expect(emails.map(({ activityId }) => activityId).sort()).toEqual(came.sort());
  return tasks.map((task) => ({
    uid: task.uid,
    state: task.deletedAt ? 'gone' : isOpen(task) ? 'open' : 'complete',
    date: (task.dueAt ?? task.dueOn)?.toISOString(),
    emails: emails
      .filter(({ taskId }) => taskId === task.id)
      .map(({ activityId }) => uids.get(activityId))
      .sort(),
  }));
}

it('a thread has one open task at most, each e-mail that came in is in exactly one, and answers end follow-ups [CLOSE-17] [CLOSE-18]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      threads += 1;
      const threadId = `model-${threads}`;
      const tasks = await play(threadId, steps);
      expect(await standing(threadId)).toEqual(
        tasks.map(({ id, kind, state, minute, emails }) => ({
          ...{ uid: uidOf('Task', id), state, date: minute === null ? `${DAY}T00:00:00.000Z` : at(minute) },
          emails: kind === 'INCOMING_EMAIL' ? [...emails.keys()].map((each) => uidOf('Activity', each)).sort() : [],
        })),
      );
    }),
    { numRuns: 15 },
  );
});

it('a thread to which all comes at once stands as if one had come after the other [CLOSE-17]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(minute, { minLength: 2, maxLength: 6 }), async (minutes) => {
      const { by } = desk();
      threads += 1;
      const threadId = `model-${threads}`;
      await Promise.all(
        minutes.flatMap((each) => [
          by.email({ threadId, at: at(each) }),
          by.email({ threadId, at: at(each), direction: 'OUTBOUND', followUpOn: DAY }),
        ]),
      );
      const tasks = await standing(threadId);
      const [gathering, ...others] = tasks.filter(({ emails }) => emails.length > 0);
      expect([gathering?.date, others]).toEqual([at(Math.max(...minutes)), []]);
      expect(tasks.filter(({ emails, state }) => emails.length === 0 && state === 'open')).toEqual([]);
    }),
    { numRuns: 4 },
  );
});
