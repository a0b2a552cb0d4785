/** How many events that were handed over are remembered, to know them again. */
const REMEMBERED = 1_000;

/**
 * Where a subscription stands, from connection to connection: what the next one begins after, and what of its events is
 * handed over. Two rules, both of the cursor:
 *
 * - An event that bears the cursor which is already reached does not move it: it is a part of a step whose last event
 *   will (as when midnight moves several tasks into a list). Such events are held until then. A connection that ends in
 *   between takes them with it: the server judges the step anew, maybe otherwise.
 * - An event of an earlier connection that comes again is dropped. It is known by its cursor, its `change` and the id of
 *   what it tells of, since the rest of it is read anew for each delivery; where the query selects no id, by all of it.
 *   What one connection sends twice is two events, whatever it looks like.
 */
export class Place<Event extends { readonly cursor: string | null }> {
  /** Where the next connection begins, exclusively: the cursor of the last event that was handed over. */
  after: string | null;
  #held: Event[] = [];
  #heldKeys: string[] = [];
  /** How often each key was handed over. */
  readonly #handed = new Map<string, number>();
  /** What of that is still to be expected on this connection, if it repeats everything. */
  #repeated = new Map<string, number>();

  constructor(after: string | null) {
    this.after = after;
  }

  /** A connection begins, with `after`. */
  begin(): void {
    this.#held = [];
    this.#heldKeys = [];
    this.#repeated = new Map(this.#handed);
  }

  /** Begins anew elsewhere: what came before has nothing to do with what comes. */
  move(after: string | null): void {
    this.after = after;
    this.#handed.clear();
    this.begin();
  }

  /** Takes the connection's next event and gives what is to be handed over now. */
  take(event: Event, payload: unknown): Event[] {
    const key = keyOf(event.cursor, payload);
    const repeated = this.#repeated.get(key) ?? 0;
    if (repeated > 0) {
      this.#repeated.set(key, repeated - 1);
      return [];
    }
    this.#held.push(event);
    this.#heldKeys.push(key);
    if (event.cursor === this.after) return [];
    this.after = event.cursor;
    const events = this.#held;
    for (const key of this.#heldKeys) this.#remember(key);
    this.#held = [];
    this.#heldKeys = [];
    return events;
  }

  #remember(key: string): void {
    const count = (this.#handed.get(key) ?? 0) + 1;
    // Anew at the end: a map keeps the order in which its keys came.
    this.#handed.delete(key);
    this.#handed.set(key, count);
    for (const oldest of this.#handed.keys()) {
      if (this.#handed.size <= REMEMBERED) break;
      this.#handed.delete(oldest);
    }
  }
}

interface Told {
  readonly id?: unknown;
  readonly taskId?: unknown;
  readonly change?: unknown;
  readonly task?: { readonly id?: unknown } | null;
  readonly notification?: { readonly id?: unknown } | null;
}

function keyOf(cursor: string | null, payload: unknown): string {
  const { id, taskId, task, notification, change } = payload as Told;
  const what = notification?.id ?? taskId ?? task?.id ?? id;
  return JSON.stringify(what === undefined ? [cursor, payload] : [cursor, what, change]);
}
