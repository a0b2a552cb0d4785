import type { Logger } from 'pino';
import type { Reader } from '../db/database.ts';
import { type Batch, type Delivered, Feed, type Place } from './feed.ts';
import { nextMoment } from './moment.ts';
import { type Lead, LogReader, type Read, type Stretch } from './reader.ts';
import { readBatch } from './store.ts';

const EVENTS_PER_BATCH = 500;

/** Where a subscriber stands: `head` is where the log ended when its place was judged. */
export interface Following {
  readonly organizationId: bigint;
  readonly head: bigint;
}

/** What is read of a log for one kind of subscriptions, by one organization's reader of that kind. */
export interface Source<Batch extends Stretch> {
  readonly read: Read<Batch>;
}

interface Known {
  readonly reader: LogReader<never>;
  readonly source: Source<never>;
}

/** Follows the logs of the organizations that have subscribers in this process: of each kind, one reader each. */
export class Follower {
  readonly #db: Reader;
  readonly #log: Logger;
  readonly #clock: () => number;
  /** By organization, then by kind. */
  readonly #readers = new Map<bigint, Map<string, Known>>();

  constructor(db: Reader, log: Logger, now: () => Date = () => new Date()) {
    this.#db = db;
    this.#log = log;
    this.#clock = () => now().getTime();
  }

  /** The doorbell: an organization's log may have grown. */
  ring(organizationId: bigint): void {
    for (const { reader } of this.#readers.get(organizationId)?.values() ?? []) reader.ring();
  }

  /**
   * Someone's notifications after `after` that pass `wanted`, in order and without end; `head` is where the log ended when
   * `after` was judged. `return()` ends it even while it waits; once the membership has ended, `next()` throws that.
   */
  notifications({ organizationId, head, ...place }: Following & Place): AsyncIterableIterator<Delivered> {
    const read: Read<Batch> = async (after) => {
      const moment = nextMoment();
      const { head, ...found } = await readBatch(this.#db, organizationId, after, EVENTS_PER_BATCH);
      return { batch: { organizationId, after, moment, ...found }, head };
    };
    return this.join<Batch, Source<Batch>, Feed>(
      'notifications',
      { organizationId, head },
      () => ({ read }),
      (lead) => new Feed(this.#db, this.#log, lead, place),
    );
  }

  /** Has a subscriber follow the organization's reader of a kind; `open` makes what that reads, where it is the first one. */
  join<Batch extends Stretch, Opened extends Source<Batch>, Made>(
    kind: string,
    { organizationId, head }: Following,
    open: () => Opened,
    make: (lead: Lead<Batch>, source: Opened) => Made,
  ): Made {
    const kinds = this.#readers.get(organizationId) ?? new Map<string, Known>();
    this.#readers.set(organizationId, kinds);
    const known = (kinds.get(kind) ?? this.#open(kinds, kind, { organizationId, head }, open())) as unknown as {
      readonly reader: LogReader<Batch>;
      readonly source: Opened;
    };
    return make(known.reader, known.source);
  }

  #open<Batch extends Stretch>(
    kinds: Map<string, Known>,
    kind: string,
    { organizationId, head }: Following,
    source: Source<Batch>,
  ): Known {
    const reader = new LogReader<Batch>({
      organizationId,
      // From the log's end: whoever is behind it catches up alone, and delays nobody.
      position: head,
      read: source.read,
      clock: this.#clock,
      log: this.#log,
      idle: () => {
        kinds.delete(kind);
        if (kinds.size === 0) this.#readers.delete(organizationId);
      },
    });
    const known = { reader, source } as unknown as Known;
    kinds.set(kind, known);
    return known;
  }

  /** Subscriptions open in this process. */
  get size(): number {
    return this.#all().reduce((sum, { subscribers }) => sum + subscribers.size, 0);
  }

  /** Ends every subscription. */
  close(): void {
    for (const { subscribers } of this.#all()) for (const subscriber of [...subscribers]) void subscriber.return();
  }

  #all(): LogReader<never>[] {
    return [...this.#readers.values()].flatMap((kinds) => [...kinds.values()].map(({ reader }) => reader));
  }
}
