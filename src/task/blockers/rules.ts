import type { NewEvent } from '../../event/log.ts';
import { encodeId } from '../../ids.ts';
import { Invalid } from '../../refusals.ts';
import { isOpen } from '../rules.ts';

/** The most blockers that a task has: open, complete and deleted ones. */
export const MAX_BLOCKERS = 100;

/** That one task is blocked by another, by their inner ids. */
export interface Edge {
  readonly taskId: bigint;
  readonly blockerId: bigint;
}

/** Tasks that may block others from now on, or may not any more. */
export interface Turned {
  readonly ids: readonly bigint[];
  /** Those among them that were completed while they were open, unless nobody is to be told. */
  readonly completed: readonly bigint[];
}

const isOpenStatus = (status: unknown) => isOpen(status as Parameters<typeof isOpen>[0]);

/** What an event says of whether its task is open, and whether it is in the bin; null when nothing of that. */
function turnOf({ kind, subject, changes, isQuiet }: NewEvent): 'turned' | 'completed' | null {
  if (subject.type !== 'TASK' || kind === 'TASK_CREATED') return null;
  // Whose row is gone was complete or in the bin, and blocked nothing.
  if (kind === 'TASK_DELETED') return changes.some(({ field }) => field === 'id') ? null : 'turned';
  if (kind === 'TASK_RESTORED') return 'turned';
  const status = changes.find(({ field }) => field === 'status');
  if (!status || isOpenStatus(status.from) === isOpenStatus(status.to)) return null;
  return status.to === 'COMPLETED' && !isQuiet ? 'completed' : 'turned';
}

/** The tasks whose dependants must be counted anew, from what happened to them. A task that is new blocks nothing yet. */
export function turnedIn(events: readonly NewEvent[]): Turned {
  const turns = events.map((event) => ({ id: event.subject.id, turn: turnOf(event) }));
  const of = (...wanted: readonly unknown[]) => [
    ...new Set(turns.filter(({ turn }) => wanted.includes(turn)).map(({ id }) => id)),
  ];
  return { ids: of('turned', 'completed'), completed: of('completed') };
}

/** The shortest way from one task by its blockers, theirs and so on to another; null where the edges lead not there. */
export function wayBetween(edges: readonly Edge[], from: bigint, to: bigint): bigint[] | null {
  const blockers = Map.groupBy(edges, ({ taskId }) => taskId);
  const cameFrom = new Map<bigint, bigint | null>([[from, null]]);
  for (const id of cameFrom.keys()) {
    if (id === to) {
      const way: bigint[] = [];
      for (let at: bigint | null = to; at !== null; at = cameFrom.get(at) ?? null) way.unshift(at);
      return way;
    }
    // What is added to a Map while it is walked is walked too: first come, first served.
    for (const { blockerId } of blockers.get(id) ?? []) if (!cameFrom.has(blockerId)) cameFrom.set(blockerId, id);
  }
  return null;
}

const MAX_NAMED = 10;

/** Why a task cannot be a blocker: tasks from it to the one that it was to block, ULIDs, null for those out of sight. */
export function refuseCircle(way: readonly (string | null)[]): Invalid {
  const names = way.map((uid) => (uid === null ? 'another task' : encodeId('Task', uid)));
  const shown = names.length > MAX_NAMED ? [...names.slice(0, MAX_NAMED - 2), '…', names.at(-1)] : names;
  const round = shown.join(', which is blocked by ');
  return new Invalid(`Blockers cannot go round in a circle: ${round}.`, ['blockerId']);
}
