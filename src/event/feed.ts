import type { Logger } from 'pino';
import type { Reader } from '../db/database.ts';
import { nextMoment } from './moment.ts';
import { membershipEnded, Pull, resyncRequired } from './pull.ts';
import type { Lead, Stretch, Subscriber } from './reader.ts';
import { type Delivery, type NotificationRow, readOwn } from './store.ts';

const ROWS_PER_PAGE = 100;

/** A stretch of the log with what its events notify of. Its identity keys its loaders. */
export interface Batch extends Stretch {
  readonly organizationId: bigint;
  /** By recipient, in order: most subscribers have none, and find that out at once. */
  readonly deliveries: ReadonlyMap<bigint, readonly Delivery[]>;
  /** Whose membership ended in it. */
  readonly gone: ReadonlySet<bigint>;
}

export interface Delivered extends Delivery {
  readonly batch: Batch;
}

/** Whose notifications, which of them, and from where on. */
export interface Place {
  readonly userId: bigint;
  /** Whose end is theirs too: the key's that stands beside their token. */
  readonly keyUserId?: bigint | null;
  readonly after: bigint;
  readonly wanted: (notification: NotificationRow) => boolean;
}

const nobody: ReadonlySet<bigint> = new Set();

/** One subscriber's notifications. */
export class Feed extends Pull<Delivered> implements Subscriber<Batch> {
  readonly #db: Reader;
  readonly #lead: Lead<Batch>;
  readonly #place: Place;
  readonly #began = nextMoment();
  #position: bigint;

  constructor(db: Reader, log: Logger, lead: Lead<Batch>, place: Place) {
    super(log);
    this.#db = db;
    this.#lead = lead;
    this.#place = place;
    this.#position = place.after;
    lead.join(this);
  }

  wake({ gone, after, to, deliveries }: Batch): void {
    if (this.#hasLeft(gone)) this.end(membershipEnded());
    // Thousands are level and have nothing in it: they stay asleep, and are level again.
    else if (this.#position === after && !deliveries.has(this.#place.userId)) this.#position = to;
    else this.resume();
  }

  tick(): void {}

  protected async advance(): Promise<void> {
    const { batch, position } = this.#lead;
    if (batch && this.#covers(batch)) this.#take(batch);
    else if (this.#position < position) await this.#catchUp();
    else await this.rest();
  }

  /** What was read before it began may no longer be so: it reads that for itself. */
  #covers({ after, to, moment }: Batch): boolean {
    return moment > this.#began && after <= this.#position && this.#position < to;
  }

  protected leave(): void {
    this.#lead.leave(this);
  }

  #hasLeft(gone: ReadonlySet<bigint>): boolean {
    const { userId, keyUserId } = this.#place;
    return gone.has(userId) || (keyUserId != null && gone.has(keyUserId));
  }

  #take(batch: Batch): void {
    const { userId, wanted } = this.#place;
    const all = batch.deliveries.get(userId) ?? [];
    const own = all.filter(({ notification }) => notification.seq > this.#position);
    if (this.#hasLeft(batch.gone) || own.some(({ standing }) => !standing.isActive)) {
      this.end(membershipEnded());
      return;
    }
    this.give(own.filter(({ notification }) => wanted(notification)).map((delivery) => ({ ...delivery, batch })));
    this.#position = batch.to;
  }

  async #catchUp(): Promise<void> {
    const { organizationId } = this.#lead;
    const after = this.#position;
    const { userId } = this.#place;
    const moment = nextMoment();
    await this.attempt('A subscriber could not catch up', organizationId, async () => {
      const { to, isActive, pruned, deliveries } = await readOwn(
        this.#db,
        organizationId,
        userId,
        after,
        ROWS_PER_PAGE,
      );
      if (!isActive) this.end(membershipEnded());
      else if (pruned) this.end(resyncRequired());
      else this.#take({ organizationId, after, to, moment, deliveries: new Map([[userId, deliveries]]), gone: nobody });
    });
  }
}
