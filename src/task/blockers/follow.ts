import type { Tx } from '../../db/database.ts';
import { type Batch, inBatch, within } from '../../event/batch.ts';
import { type Consequence, type Deed, joined } from '../../event/consequences.ts';
import type { NewEvent, NewNotification } from '../../event/log.ts';
import { newUid } from '../../ids.ts';
import { keptActor } from '../../record/job.ts';
import type { Runtime } from '../../runtime.ts';
import { schedule } from '../../work/service.ts';
import { isOpen } from '../rules.ts';
import { type Turned, turnedIn } from './rules.ts';
import { type Dependant, findDependants, holdWaiting, type Recounted, recountBlockers } from './store.ts';

/** The kind of job that goes on where more tasks wait for what has turned than one transaction takes; its key is its own. */
export const BLOCKER_RECOUNT = 'blocker.recount';

/** Waiting tasks that one transaction counts anew, beside all that it does itself. */
export const DEPENDANTS = 1_000;

/** The assignee of a task whose last open blocker was completed, unless they did it, or it is done with anyway. */
function whomToTell({ byCompletion }: Dependant, task: Recounted, { actor }: Deed): readonly NewNotification[] {
  const { assigneeId, status, isDeleted, isBlocked } = task;
  const waits = isOpen(status) && !isDeleted && !isBlocked;
  if (!byCompletion || !waits || assigneeId === null || assigneeId === actor.userId) return [];
  return [{ userId: assigneeId, kind: 'TASK_UNBLOCKED' }];
}

/**
 * Counts the open blockers of tasks that wait for what has turned, behind the task `after`. The log tells where whether a
 * task is blocked has changed: that is what filters read of the count.
 */
export async function recountSome(
  tx: Tx,
  turned: Turned,
  after: bigint,
  deed: Deed,
  { most, waits }: { readonly most: number; readonly waits: boolean },
): Promise<Batch & { readonly last: bigint; readonly skipped: boolean }> {
  const { rows, more } = within(await findDependants(tx, turned, after, most + 1), most);
  const found = new Map(rows.map((row) => [row.id, row]));
  const held = rows.length === 0 ? [] : await holdWaiting(tx, [...found.keys()], waits);
  const counted = held.length === 0 ? [] : await recountBlockers(tx, held);
  const changed = counted.filter(({ wasBlocked, isBlocked }) => wasBlocked !== isBlocked);
  const events = changed.map((task): NewEvent => {
    const { id, uid, wasBlocked: from, isBlocked: to } = task;
    return {
      kind: 'TASK_UPDATED',
      subject: { type: 'TASK', id, uid },
      changes: [{ field: 'isBlocked', from, to }],
      notify: whomToTell(found.get(id) as Dependant, task, deed),
    };
  });
  const before = new Map(changed.map(({ id, image }) => [id, image]));
  return {
    events,
    before,
    taken: rows.length,
    more,
    last: rows.at(-1)?.id ?? after,
    skipped: held.length < rows.length,
  };
}

/** What the notifications of a write are tied together by already; null where nothing does. */
const batchIn = (events: readonly NewEvent[]): string | null =>
  events.find(({ batchId }) => batchId !== undefined)?.batchId ?? null;

/**
 * Keeps `isBlocked` right whatever opens, closes, deletes or restores tasks. Asks nothing of the database when nothing
 * does, and one statement when nobody waits for them. What one transaction does not take a job does, in batches, and what
 * somebody else is writing to at the moment.
 */
export const followBlockers =
  (runtime: Pick<Runtime, 'ringWork'>, most = DEPENDANTS): Consequence =>
  async (tx, happened, deed) => {
    const turned = turnedIn(happened.events);
    if (turned.ids.length === 0) return happened;
    const ways = { most, waits: false };
    const { events, before, taken, more, last, skipped } = await recountSome(tx, turned, 0n, deed, ways);
    // One task that is not blocked any more is a single thing; of those that are left, all that were found may be told of.
    const areMany = more || (skipped ? taken : events.length) > 1;
    const batchId = batchIn(happened.events) ?? (areMany ? newUid() : null);
    if (more || skipped) {
      const kept = { ids: turned.ids.map(String), completed: turned.completed.map(String) };
      const payload = { ...kept, after: skipped ? '0' : String(last), batchId, actor: keptActor(deed.actor) };
      schedule(runtime, tx, { kind: BLOCKER_RECOUNT, key: newUid(), due: { inMs: 0 }, payload });
    }
    // All that the write tells of is tied together, what began it too.
    const whole = { ...happened, events: inBatch(happened.events, batchId) };
    return joined(whole, inBatch(events, batchId), before);
  };
