import pino from 'pino';
import type { Reader } from '../../src/db/database.ts';
import type { Delivered } from '../../src/event/feed.ts';
import { Follower } from '../../src/event/follow.ts';
import type { NotificationRow } from '../../src/event/store.ts';

/** The organization and the person that most cases are about. */
export const ORG = 7n;
export const ME = 1n;
export const YOU = 2n;

type Read = { readonly statement: string; readonly after: bigint };
type Kind = NotificationRow['kind'];

/** A log without a database: it answers the follower's two reads, at once or when the test lets it. */
export class FakeLog implements Reader {
  readonly rowsOf: NotificationRow[] = [];
  readonly gone = new Map<bigint, bigint>();
  /** Every read that has begun, in order. */
  readonly reads: Read[] = [];
  head = 0n;
  prunedTo = 0n;
  /** Set: reads wait until they are let go, in order, and answer what the log held when they began. */
  held: { readonly read: Read; readonly go: () => void; readonly fail: () => void }[] | null = null;
  failing = 0;

  /** Appends one event and gives its place; it notifies whom it is told to. */
  append(userId: bigint | null = ME, kind: Kind = 'TASK_ASSIGNED'): bigint {
    this.head += 1n;
    if (userId !== null) {
      const task = { taskId: this.head, taskUid: null, activityId: null, actorId: 9n, batchId: null, readAt: null };
      this.rowsOf.push({ organizationId: ORG, userId, seq: this.head, kind, ...task, createdAt: new Date(0) });
    }
    return this.head;
  }

  /** Someone's membership ends, by an event. */
  expel(userId: bigint): void {
    this.gone.set(userId, this.append(null));
  }

  async rows<Row>({ name }: { readonly name: string }, _organization: bigint, params: readonly unknown[] = []) {
    const isOwn = name === 'event.own';
    const read = { statement: name, after: params[isOwn ? 1 : 0] as bigint };
    this.reads.push(read);
    const answer = isOwn ? this.#own(params) : this.#batch(params);
    const away = new Error('The database is away.');
    if (this.failing > 0) {
      this.failing -= 1;
      throw away;
    }
    if (this.held) await new Promise<void>((go, fail) => this.held?.push({ read, go, fail: () => fail(away) }));
    return answer as Row[];
  }

  #standing(userId: bigint) {
    return { isActive: !this.gone.has(userId), role: 'MEMBER', crmAccess: true };
  }

  #batch([after, events]: readonly unknown[]) {
    const end = (after as bigint) + (events as bigint);
    const to = end < this.head ? end : this.head;
    const within = (seq: bigint) => seq > (after as bigint) && seq <= to;
    const gone = [...this.gone].filter(([, seq]) => within(seq)).map(([userId]) => userId);
    const found = this.rowsOf.filter(({ seq }) => within(seq));
    const place = { to, head: this.head, gone };
    return found.length > 0
      ? found.map((row) => ({ ...row, ...this.#standing(row.userId), ...place }))
      : [{ seq: null, ...place }];
  }

  #own([userId, after, page]: readonly unknown[]) {
    const found = this.rowsOf.filter((row) => row.userId === userId && row.seq > (after as bigint));
    const pruned = this.prunedTo > (after as bigint);
    const place = { head: this.head, pruned, ...this.#standing(userId as bigint) };
    const rows = found.slice(0, page as number).map((row) => ({ ...row, ...place }));
    return rows.length > 0 ? rows : [{ seq: null, ...place }];
  }
}

/** A follower of a fake log. */
export function follow(log = new FakeLog()) {
  const follower = new Follower(log, pino({ level: 'silent' }));
  const subscribe = ({ userId = ME, after = log.head, wanted = () => true }: Partial<Subscriber> = {}) =>
    follower.notifications({ organizationId: ORG, userId, after, head: log.head, wanted });
  return { log, follower, subscribe, ring: () => follower.ring(ORG) };
}

interface Subscriber {
  readonly userId: bigint;
  readonly after: bigint;
  readonly wanted: (row: NotificationRow) => boolean;
}

/** The places of the next so many notifications. */
export async function take(feed: AsyncIterator<Delivered>, count: number): Promise<bigint[]> {
  const seqs: bigint[] = [];
  while (seqs.length < count) {
    const { done, value } = await feed.next();
    if (done) break;
    seqs.push(value.notification.seq);
  }
  return seqs;
}

/** Lets all that is ready run: promises, and what the event loop holds. */
export const settled = () => new Promise<void>((done) => setImmediate(done));

/** From 1 to n, or from a to b. */
export const seqs = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => BigInt(first + index));
