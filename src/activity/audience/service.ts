import type { Tx } from '../../db/database.ts';
import type { Consequence } from '../../event/consequences.ts';
import type { NewEvent } from '../../event/log.ts';
import { type Attendant, toldOfCompletion } from './rules.ts';
import { findAttendants } from './store.ts';

/** Who created activities or takes part in them, of those who are here and may see them, by the activities' inner ids. */
export async function attendantsOf(tx: Tx, ids: readonly bigint[]): Promise<ReadonlyMap<bigint, Attendant[]>> {
  return Map.groupBy(await findAttendants(tx, ids), ({ activityId }) => activityId);
}

const completes = ({ kind, changes }: NewEvent) =>
  kind === 'ACTIVITY_UPDATED' && changes.some(({ field, to }) => field === 'status' && to === 'COMPLETED');

/** Whoever completes an activity, by whichever way: those who took part in it are told. */
export const tellOfActivityCompletion: Consequence = async (tx, happened, { actor }) => {
  const ids = happened.events.filter(completes).map(({ subject }) => subject.id);
  if (ids.length === 0) return happened;
  const attendants = await attendantsOf(tx, ids);
  const tell = (event: NewEvent): NewEvent => {
    const told = toldOfCompletion(attendants.get(event.subject.id) ?? [], actor.userId);
    const notify = told.map((userId) => ({ userId, kind: 'ACTIVITY_COMPLETED' as const }));
    return { ...event, notify: [...(event.notify ?? []), ...notify] };
  };
  return { ...happened, events: happened.events.map((event) => (completes(event) ? tell(event) : event)) };
};
