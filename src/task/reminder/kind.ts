import type { Tx } from '../../db/database.ts';
import { commit, type NewEvent } from '../../event/log.ts';
import { assistantIdOf } from '../../organization/service.ts';
import type { Kind } from '../../work/kind.ts';
import { planned, TASK_REMINDERS, textOf } from './rules.ts';
import {
  deleteReminders,
  findDue,
  lockTasks,
  nextDue,
  type Plan,
  type Reminding,
  standingOf,
  writePlans,
} from './store.ts';

/** Reminders that one transaction sends. */
const BATCH = 200;

/** Tells whoever is to be reminded of a task, once for all of its reminders that are due. */
const told = (due: readonly Reminding[]): NewEvent[] =>
  [...Map.groupBy(due, ({ task }) => task.id).values()].map((own) => {
    const { id, uid, recipientId } = (own[0] as Reminding).task;
    return {
      kind: 'TASK_REMINDED',
      subject: { type: 'TASK', id, uid },
      changes: [{ field: 'reminders', from: null, to: own.map(textOf) }],
      // Of programs and of the assistant nobody is told.
      notify: [{ userId: recipientId, kind: 'TASK_REMINDER' }],
    };
  });

/** Sends some of what is due, each task being judged as it is by now: it may be another one's, or elsewhere. */
async function sendSome(tx: Tx, at: Date) {
  const found = await findDue(tx, BATCH);
  const locked = found.length === 0 ? [] : await lockTasks(tx, found);
  const [first] = locked;
  if (!first) return { events: [], before: new Map<bigint, string>() };
  const drops: bigint[] = [];
  const plans: Plan[] = [];
  const due: Reminding[] = [];
  for (const reminder of await standingOf(tx, found)) {
    const { id, task, sentAt } = reminder;
    if (sentAt) continue;
    const plan = planned(reminder, task, false, first.now);
    if (!plan) drops.push(id);
    else if (plan.remindAt && plan.remindAt <= first.now) {
      due.push(reminder);
      plans.push({ id, remindAt: plan.remindAt, sentAt: at });
    } else plans.push({ id, ...plan });
  }
  await deleteReminders(tx, drops);
  await writePlans(tx, plans);
  return { events: told(due), before: new Map(locked.map(({ id, image }) => [id, image])) };
}

/**
 * Sends an organization's reminders when they are due, those that are late at once [PARSA-15]. One job does it for all, so
 * that a thousand tasks are moved by as many statements as one.
 */
export const sendReminders: Kind = {
  name: TASK_REMINDERS,
  async run(runtime, job) {
    const { organizationId } = job;
    const actor = { organizationId, userId: await assistantIdOf(runtime.db, organizationId), kind: 'SYSTEM' } as const;
    const at = runtime.now();
    const sent = await commit(runtime, actor, at, async (tx) => {
      const { events, before } = await sendSome(tx, at);
      const next = await nextDue(tx);
      const value = next ? await job.again(tx, { at: next }, {}) : await job.done(tx);
      return { ok: true, value, events, before };
    });
    if (!sent.ok) throw new Error('A job was refused.');
    return sent.value;
  },
};
