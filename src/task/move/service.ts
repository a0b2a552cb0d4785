import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { commit } from '../../event/log.ts';
import { type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { assertHeld, assertSeen, holdDoor } from '../door/service.ts';
import { findPlace, type Spot } from '../place/service.ts';
import { applyPatch } from '../rules.ts';
import { updateTask, type Written } from '../service.ts';
import { stateOf } from '../state.ts';
import { glimpse, me, nowFor, open, write } from '../write.ts';

export interface Move {
  readonly id: string;
  readonly stageId: string;
  readonly expectedVersion: number | null;
  readonly spot: Spot;
}

/** Puts a task into a stage, at a place in it. Where it stands there already, nothing changes. */
export async function moveTask(runtime: Runtime, viewer: Viewer, input: Move): Promise<Outcome<Written>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const seen = await glimpse(tx, viewer, input.id);
    const words = { stageId: input.stageId };
    const held = seen && (await holdDoor(tx, [{ standing: seen, words, asked: {}, path: [], reorders: true }]));
    const task = await open(tx, viewer, input.id, input.expectedVersion);
    if (!task.ok) return refused(...task.refusals);
    const before = stateOf(task.value);
    assertSeen(seen, before);
    if (!held) throw new Error('A task that was seen is held.');
    const [place] = held.places;
    if (!place?.ok) return refused(...(place?.refusals ?? []));
    const now = nowFor(runtime, task.value);
    const applied = applyPatch(before, place.value, now, me(viewer), [], held.boards);
    if (!applied.ok) return refused(...applied.refusals);
    const { stage, position } = applied.state;
    if (!stage) throw new Error('A task was moved to no stage.');
    assertHeld(held, { ...applied.state, position: null });
    const { id, uid, image } = task.value;
    const found = await findPlace(tx, viewer, stage.id, { taskId: id, position }, input.spot);
    if (!found.ok) return refused(...found.refusals);
    const events = await write(tx, viewer, task.value, { ...applied.state, position: found.value.position }, now, true);
    return {
      ok: true,
      at: now,
      value: { uid },
      events: [...events, ...found.value.events],
      before: new Map([...found.value.before, [id, image]]),
    };
  });
}

/** Opens a task again, with the status that it had: a complete one, or a cancelled one, which becomes PENDING. */
export const reopenTask = (
  runtime: Runtime,
  viewer: Viewer,
  { id, expectedVersion }: { readonly id: string; readonly expectedVersion: number | null },
): Promise<Outcome<Written>> =>
  updateTask(runtime, viewer, { id, expectedVersion, patch: { reopens: true }, notify: true });
