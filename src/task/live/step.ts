import type { Delivered, LivePlace, Standing } from './feed.ts';
import type { Moved } from './log.ts';

/** What time moved up to an instant. */
export interface Step {
  readonly to: number;
  readonly moved: NonNullable<Moved>;
}

/** Of a step, what is left behind a task. */
export const beyond = (moved: Step['moved'], taskId: bigint): Step['moved'] => ({
  ...moved,
  pages: moved.pages.map((page) => page.filter(({ id }) => id > taskId)).filter(({ length }) => length > 0),
});

/** All but the last lead into the middle of the step: who is cut off between them gets the rest of it. */
export function* changesOf(
  pages: Step['moved']['pages'],
  before: LivePlace,
  after: LivePlace,
  standing: Standing,
): Iterable<Delivered> {
  const last = pages.at(-1)?.at(-1);
  for (const page of pages) {
    const taskIds = page.map(({ id }) => id);
    for (const passed of page) {
      const { id: taskId, uid: taskUid, holds } = passed;
      const place = passed === last ? after : { ...before, half: { to: after.at, taskId } };
      yield { change: holds ? 'ENTERED' : 'LEFT', taskId, taskUid, told: null, place, page, taskIds, standing };
    }
  }
}
