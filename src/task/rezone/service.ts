import { momentOf } from '../../dates.ts';
import type { Tx } from '../../db/database.ts';
import { findTimeZone } from '../../organization/service.ts';
import type { Runtime } from '../../runtime.ts';
import { replanAfter } from '../reminder/follow.ts';
import { nextPlace, type Place } from './rules.ts';
import { type DayTask, lockDayTasks, tasksAfter, writeTimeline } from './store.ts';

/** Rows that one transaction looks at. */
const BATCH = 2_000;

const dayOf = (dueOn: Date) => dueOn.toISOString().slice(0, 10);

/** Puts tasks of a day that are not done to where that day begins by now. Gives the last one looked at; null at the end. */
async function rezoneAfter(tx: Tx, zone: string, after: bigint, limit: number): Promise<bigint | null> {
  const placeOf = ({ dueOn }: DayTask) => new Date(momentOf({ day: dayOf(dueOn) }, zone));
  const isAstray = (task: DayTask) => placeOf(task).getTime() !== task.timelineAt.getTime();
  const found = await tasksAfter(tx, after, limit);
  const astray = found.filter((task): task is DayTask => task.dueOn !== null && isAstray(task as DayTask));
  if (astray.length > 0) {
    const ids = astray.map(({ id }) => id);
    // Judged again: since it was found, it may have got another date.
    const locked = await lockDayTasks(tx, ids);
    const rows = locked.filter(isAstray).map((task) => ({ id: task.id, at: placeOf(task) }));
    if (rows.length > 0) await writeTimeline(tx, rows);
  }
  return found.length < limit ? null : (found.at(-1)?.id ?? null);
}

/** One step of following an organization's zone as it is now: a batch of tasks, or of reminders. Gives where to go on. */
export async function rezoneSome(runtime: Pick<Runtime, 'ringWork' | 'now'>, tx: Tx, place: Place, limit = BATCH) {
  const after = BigInt(place.after);
  const last =
    place.stage === 'TASK'
      ? await rezoneAfter(tx, await findTimeZone(tx), after, limit)
      : await replanAfter(runtime, tx, after, limit);
  return nextPlace(place, last);
}
