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

/** The events of one change, so that all that they notify of has its batch id; as they are where that is null. */
export const inBatch = (events: readonly NewEvent[], batchId: string | null): readonly NewEvent[] =>
  batchId === null ? events : events.map((event) => ({ ...event, batchId }));

type Done = Pick<Batch, 'events' | 'before'>;

export const NOTHING: Done = { events: [], before: new Map() };

const thing = ({ subject: { type, id } }: NewEvent) => `${type} ${id}`;

/** The events of one thing: those of one kind are one event. */
function merged(first: readonly NewEvent[], second: readonly NewEvent[]): NewEvent[] {
  const kinds = new Set(first.map(({ kind }) => kind));
  const both = first.map((event) => {
    const { changes = [], notify = [] } = second.find(({ kind }) => kind === event.kind) ?? {};
    return { ...event, changes: [...event.changes, ...changes], notify: [...(event.notify ?? []), ...notify] };
  });
  return [...both, ...second.filter(({ kind }) => !kinds.has(kind))];
}

/**
 * What two works of one transaction did, the one after the other, as one: what both did to a thing is told together, one
 * event a kind, and its row before is the one that the first found.
 */
export function together(first: Done, second: Done): Done {
  const [early, late] = [Map.groupBy(first.events, thing), Map.groupBy(second.events, thing)];
  const events = [...early].flatMap(([key, told]) => merged(told, late.get(key) ?? []));
  const rest = second.events.filter((event) => !early.has(thing(event)));
  return { events: [...events, ...rest], before: new Map([...second.before, ...first.before]) };
}
