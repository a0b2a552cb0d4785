import type { NewEvent } from './log.ts';

/** What one step of a larger work did to some rows, as `commit()` wants to be told of it. */
export interface Batch {
  readonly events: readonly NewEvent[];
  /** By task: its row before the write, as the database's JSON. */
  readonly before: ReadonlyMap<bigint, string>;
  /** How many rows it was given. */
  readonly taken: number;
  /** Whether there is more than it was given. */
  readonly more: boolean;
}

/** One step: at most so many rows. */
export type Step = (limit: number) => Promise<Batch>;

/** The steps one after the other, as far as `limit` rows go; a step begins when the ones before it have nothing left. */
export async function inTurn(limit: number, steps: readonly Step[]): Promise<Batch> {
  const events: NewEvent[] = [];
  const before = new Map<bigint, string>();
  let taken = 0;
  for (const step of steps) {
    const batch = await step(limit - taken);
    events.push(...batch.events);
    for (const [id, image] of batch.before) before.set(id, image);
    taken += batch.taken;
    if (batch.more) return { events, before, taken, more: true };
  }
  return { events, before, taken, more: false };
}

/** Of what was asked for with one more than may be taken: what may be, and whether there is more. */
export const within = <Row>(found: readonly Row[], limit: number) => ({
  rows: found.slice(0, limit),
  more: found.length > limit,
});
