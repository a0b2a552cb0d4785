import fc from 'fast-check';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Follower, type Source } from '../../../src/event/follow.ts';
import { nextMoment } from '../../../src/event/moment.ts';
import type { Told, ToldBatch } from '../../../src/event/told.ts';
import { type Delivered, LiveFeed, type LivePlace } from '../../../src/task/live/feed.ts';
import { Followers } from '../../../src/task/live/followers.ts';
import type { LiveList } from '../../../src/task/live/list.ts';
import type { Judgement, LiveLog, Moved } from '../../../src/task/live/log.ts';
import { settled } from '../../event/fake-log.ts';

// The steps of a subscriber against a log without a database, whose every answer is let go when the case wants it.

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

const ORG = 7n;
type Due = number | null;
const isOverdue = (due: Due | undefined, at: number) => due != null && due < at;

/** A log of tasks that have a due instant, or none, and a list of those that are overdue. */
class FakeLive implements Source<ToldBatch> {
  readonly events: { readonly told: Told; readonly before: Due | undefined; readonly after: Due | undefined }[] = [];
  readonly followers = new Followers();
  now = 100;
  /** So many of the next judgements fail. */
  failing = 0;
  /** The log is pruned up to here. */
  prunedTo = 0n;
  tooMuch = false;
  /** Set: what is asked waits until it is let go, and answers what was so when it was asked. */
  held: (() => void)[] | null = null;

  get head(): bigint {
    return BigInt(this.events.length);
  }

  /** What the tasks are at a place. */
  state(seq = this.head): Map<bigint, Due> {
    const tasks = new Map<bigint, Due>();
    for (const { told, after } of this.events.slice(0, Number(seq))) {
      if (after === undefined) tasks.delete(told.subjectId);
      else tasks.set(told.subjectId, after);
    }
    return tasks;
  }

  write(id: bigint, after: Due | undefined): void {
    const before = this.state().get(id);
    const dueAt = after == null ? null : new Date(after);
    const told = { seq: this.head + 1n, subjectId: id, subjectUid: String(id), dueAt } as Told;
    this.events.push({ told, before, after });
  }

  async #answer<Value>(value: Value): Promise<Value> {
    if (this.held) await new Promise<void>((go) => this.held?.push(go));
    return value;
  }

  #batch(after: bigint, now: number, events: number): ToldBatch {
    const told = this.events.slice(Number(after), Number(after) + events).map((event) => event.told);
    const to = after + BigInt(told.length);
    const moment = nextMoment();
    return { organizationId: ORG, after, to, moment, told, changed: new Map(), isPruned: this.prunedTo > after, now };
  }

  readonly read = (after: bigint, now: number) => this.#answer({ batch: this.#batch(after, now, 4), head: this.head });

  page = (after: bigint, _head: bigint, now: number) => this.#answer(this.#batch(after, now, 2));

  judgements = (batch: ToldBatch, at: number): Promise<readonly Judgement[]> => {
    const found = batch.told.flatMap((told): Judgement[] => {
      const { before, after } = this.events[Number(told.seq) - 1] as (typeof this.events)[0];
      const [was, is] = [isOverdue(before, at), isOverdue(after, at)];
      return was || is ? [{ change: is ? (was ? 'UPDATED' : 'ENTERED') : 'LEFT', told }] : [];
    });
    if (this.failing > 0) {
      this.failing -= 1;
      return Promise.reject(new Error('The database is away.'));
    }
    return this.#answer(found);
  };

  moved = (_list: LiveList, from: number, to: number): Promise<Moved> => {
    const tasks = [...this.state()];
    const passed = tasks
      .filter(([, due]) => isOverdue(due, from) !== isOverdue(due, to))
      .map(([id, due]) => ({ ord: 1, id, uid: String(id), holds: isOverdue(due, to) }));
    passed.sort((a, b) => Number(a.id - b.id));
    const later = tasks.flatMap(([, due]) => (due !== null && due >= to ? [due] : []));
    const nextDue = later.length === 0 ? null : new Date(Math.min(...later));
    if (this.tooMuch) return this.#answer(null);
    return this.#answer({ seq: this.head, nextDue, pages: passed.map((each) => [each]) });
  };
}

const list = { clock: 'instant', asked: { zone: 'UTC' }, at: (instant: number) => instant } as unknown as LiveList;
const log = pino({ level: 'silent' });

/** A client that keeps the list. */
class Client {
  readonly kept = new Set<bigint>();
  readonly told: string[] = [];
  fault: unknown = null;
  readonly #live: FakeLive;
  readonly #follower: Follower;
  #feed: LiveFeed;
  #place: LivePlace;
  #asking = false;

  constructor(live: FakeLive, follower: Follower) {
    this.#live = live;
    this.#follower = follower;
    this.#place = { seq: live.head, at: live.now };
    for (const [id, due] of live.state()) if (isOverdue(due, live.now)) this.kept.add(id);
    this.#feed = this.#open();
  }

  #open(): LiveFeed {
    const { head } = this.#live;
    const standing = { role: 'ADMIN', crmAccess: true } as const;
    return this.#follower.join<ToldBatch, FakeLive, LiveFeed>(
      'tasks',
      { organizationId: ORG, head },
      () => this.#live,
      (lead, live) =>
        new LiveFeed(log, lead, live as unknown as LiveLog, { ...this.#place, head, userId: 1n, standing, list }),
    );
  }

  take(): void {
    if (this.#asking) return;
    this.#asking = true;
    const feed = this.#feed;
    feed.next().then(
      ({ done, value }) => {
        if (feed !== this.#feed) return;
        this.#asking = false;
        if (!done) this.#apply(value);
      },
      (fault) => {
        this.fault = fault;
      },
    );
  }

  #apply({ change, taskId, place, told }: Delivered): void {
    this.told.push(`${change} ${taskId}${told ? '' : ' by time'}`);
    this.#place = place;
    if (change === 'LEFT') this.kept.delete(taskId);
    else this.kept.add(taskId);
  }

  /** Comes back with its cursor; what it had not taken is lost with the connection. */
  again(): void {
    void this.#feed.return();
    this.#asking = false;
    this.#feed = this.#open();
  }

  close = () => this.#feed.return();
}

function open() {
  const live = new FakeLive();
  const follower = new Follower({ rows: async () => [] }, log, () => new Date(live.now));
  return { live, follower, ring: () => follower.ring(ORG) };
}

const drained = async (client: Client) => {
  for (let round = 0; round < 60; round += 1) {
    client.take();
    await settled();
  }
};

describe('a task that is written while time moves it', () => {
  it('is told as what happened, then as what time did, in the state that both left', async () => {
    const { live, follower, ring } = open();
    live.write(1n, 110);
    const client = new Client(live, follower);
    await drained(client);
    // It would be overdue at 111; it is put off while that is being asked about.
    live.now = 120;
    live.held = [];
    ring();
    client.take();
    await settled();
    const [reading] = live.held.splice(0);
    reading?.();
    await settled();
    live.write(1n, 115);
    live.write(2n, 90);
    for (const go of live.held) go();
    live.held = null;
    live.write(1n, 300);
    ring();
    await drained(client);
    expect([...client.kept]).toEqual([2n]);
    await client.close();
  });

  it('is never told wrongly, whatever the order of writes, rings, answers, moments and cuts', async () => {
    const id = fc.bigInt({ min: 1n, max: 3n });
    const step = fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('write' as const),
          id,
          in: fc.option(fc.integer({ min: -8, max: 12 }), { freq: 4 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('ring' as const) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('clock' as const), by: fc.integer({ min: 1, max: 7 }) }) },
      { weight: 8, arbitrary: fc.record({ do: fc.constant('go' as const), which: fc.nat(3) }) },
      { weight: 5, arbitrary: fc.record({ do: fc.constant('take' as const), who: fc.nat(1) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('again' as const), who: fc.nat(1) }) },
    );
    const property = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
      const { live, follower, ring } = open();
      // Two that pass together: a client can be cut off between them.
      live.write(1n, 105);
      live.write(2n, 105);
      const clients = [new Client(live, follower), new Client(live, follower)] as const;
      live.held = [];
      for (const each of steps) {
        if (each.do === 'write') live.write(each.id, each.in === null ? null : live.now + each.in);
        else if (each.do === 'delete') live.write(each.id, undefined);
        else if (each.do === 'ring') ring();
        else if (each.do === 'clock') live.now += each.by;
        else if (each.do === 'go') live.held.splice(each.which % Math.max(live.held.length, 1), 1)[0]?.();
        else if (each.do === 'take') clients[each.who as 0 | 1].take();
        else clients[each.who as 0 | 1].again();
        await settled();
      }
      for (const go of live.held) go();
      live.held = null;
      ring();
      for (const client of clients) await drained(client);
      const wanted = [...live.state()].flatMap(([task, due]) => (isOverdue(due, live.now) ? [task] : []));
      for (const client of clients) expect([...client.kept].toSorted(), client.told.join()).toEqual(wanted.toSorted());
      follower.close();
    });
    await fc.assert(property, { numRuns: 200 });
  });
});

describe('what cannot be judged', () => {
  it('together with others is judged alone, and again after a moment, and is lost to nobody', async () => {
    const { live, follower, ring } = open();
    const client = new Client(live, follower);
    await drained(client);
    // Foreseen, shared, alone.
    live.failing = 3;
    live.write(1n, 50);
    ring();
    await drained(client);
    expect(client.told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    await drained(client);
    expect(client.told).toEqual(['ENTERED 1']);
    await client.close();
  });

  it('since time has moved too much ends the subscription with RESYNC_REQUIRED', async () => {
    const { live, follower, ring } = open();
    live.write(1n, 105);
    const client = new Client(live, follower);
    await drained(client);
    live.tooMuch = true;
    live.now = 200;
    ring();
    await drained(client);
    expect(client.fault).toMatchObject({ code: 'RESYNC_REQUIRED' });
  });

  it('since it was pruned while its subscriber lagged ends it as well', async () => {
    const { live, follower, ring } = open();
    const client = new Client(live, follower);
    await drained(client);
    client.take();
    for (let count = 0; count < 9; count += 1) {
      live.write(1n, 50);
      ring();
      await settled();
    }
    // One is in hand; the rest has to be read.
    live.prunedTo = 9n;
    await drained(client);
    expect(client.fault).toMatchObject({ code: 'RESYNC_REQUIRED' });
  });
});
