import type { Logger } from 'pino';
import type { Role } from '../../db/generated/prisma/enums.ts';
import type { HalfPassed } from '../../event/cursor.ts';
import { nextMoment } from '../../event/moment.ts';
import { membershipEnded, Pull, resyncRequired } from '../../event/pull.ts';
import type { Lead, Subscriber } from '../../event/reader.ts';
import type { Told, ToldBatch } from '../../event/told.ts';
import { Fault } from '../../refusals.ts';
import { passesAt } from './clock.ts';
import type { LiveList } from './list.ts';
import type { ChangeKind, Judgement, LiveLog } from './log.ts';
import { beyond, changesOf, type Step } from './step.ts';

/**
 * A place in a log and the instant that was judged last: a client's list is the query at that place and instant. In the
 * middle of a time step it is so of the tasks to come; those that had their turn are in the list or not as at the later one.
 */
export interface LivePlace {
  readonly seq: bigint;
  readonly at: number;
  readonly half?: HalfPassed | null;
}

/** One change of a list. */
export interface Delivered {
  readonly change: ChangeKind;
  readonly taskId: bigint;
  readonly taskUid: string;
  /** Null when only time passed. */
  readonly told: Told | null;
  readonly place: LivePlace;
  /** What was read together: its identity keys the loaders. */
  readonly page: object;
  /** The tasks of this subscriber's page. */
  readonly taskIds: readonly bigint[];
  readonly standing: Standing;
}

/** What the subscriber is allowed. What they see is that of the list: when it changes, the subscription ends. */
export interface Standing {
  readonly role: Role;
  readonly crmAccess: boolean;
}

export interface Following extends LivePlace {
  /** Where the log ended when this was judged. */
  readonly head: bigint;
  readonly userId: bigint;
  /** Whose end is theirs too: the key's that stands beside their token. */
  readonly keyUserId?: bigint | null;
  readonly standing: Standing;
  readonly list: LiveList;
}

/** How a subscription ends to whose list other tasks belong now. */
export const sightChanged = () => resyncRequired('What you may see has changed.');

/**
 * One subscriber's list. Its state is a place in the log and an instant; it goes on by events, judged at that instant, and
 * by time, judged where the log stands. As long as no time step is due, the instant is moved along for nothing.
 */
export class LiveFeed extends Pull<Delivered> implements Subscriber<ToldBatch> {
  readonly #lead: Lead<ToldBatch>;
  readonly #live: LiveLog;
  readonly #list: LiveList;
  readonly #userId: bigint;
  readonly #keyUserId: bigint | null;
  readonly #head: bigint;
  readonly #began = nextMoment();
  #standing: Standing;
  #seq: bigint;
  #at: number;
  /** A time step of which the client had a part when it was cut off. */
  #half: HalfPassed | null;
  /** Until then time moves nothing. */
  #due: number;
  /** A time step that has been read: it is taken once the events up to its place have been. */
  #step: Step | null = null;

  constructor(log: Logger, lead: Lead<ToldBatch>, live: LiveLog, following: Following) {
    super(log);
    this.#lead = lead;
    this.#live = live;
    this.#list = following.list;
    this.#userId = following.userId;
    this.#keyUserId = following.keyUserId ?? null;
    this.#head = following.head;
    this.#standing = following.standing;
    this.#seq = following.seq;
    this.#at = following.at;
    this.#half = following.half ?? null;
    // Which instants are near is not known yet: the first step finds out.
    this.#due = this.#list.clock === 'instant' ? following.at : this.#passesAt(following.at, null);
    live.followers.join(this.#userId, this);
    lead.join(this);
  }

  wake(batch: ToldBatch): void {
    if (this.#mustEnd(batch)) return;
    // Together with all who are level, busy or not: one statement.
    if (this.#covers(batch)) this.#live.judgements(batch, this.#list.at(this.#movedAlong(batch.now))).catch(() => {});
    this.resume();
  }

  tick(): void {
    this.resume();
  }

  protected leave(): void {
    this.#live.followers.leave(this.#userId, this);
    this.#lead.leave(this);
  }

  protected async advance(): Promise<void> {
    const { batch, position, now, organizationId } = this.#lead;
    const step = this.#step;
    if (step && step.moved.seq <= this.#seq) this.#pass(step);
    else if (batch && this.#covers(batch))
      await this.attempt('A list was not judged', organizationId, () => this.#share(batch));
    else if (this.#seq < position)
      await this.attempt('A list could not catch up', organizationId, () => this.#catchUp());
    else if (step) {
      // Its place is beyond what has been read so far.
      this.#lead.ring();
      await this.rest();
    } else if (this.#half || now >= this.#due)
      await this.attempt('A list was not judged anew', organizationId, () => this.#readStep(this.#half?.to ?? now));
    else {
      this.#lead.wakeAt(this.#due);
      await this.rest();
    }
  }

  #covers = ({ after, to }: ToldBatch) => after <= this.#seq && this.#seq < to;

  #passesAt(at: number, nextDue: number | null): number {
    return passesAt(this.#list.clock, this.#list.asked.zone, at, nextDue);
  }

  /** The instant to judge events at: now, where time has moved nothing since. */
  #movedAlong(now: number): number {
    return !this.#step && !this.#half && this.#at < now && now < this.#due ? now : this.#at;
  }

  async #share(batch: ToldBatch): Promise<void> {
    const at = this.#movedAlong(batch.now);
    await this.#judge(batch, at).then(
      (judgements) => this.#take(batch, at, judgements),
      // By itself: what was asked with it may be at fault.
      () => this.#catchUp(),
    );
  }

  async #catchUp(): Promise<void> {
    try {
      const batch = await this.#live.page(this.#seq, this.#head, this.#lead.now);
      const at = this.#movedAlong(batch.now);
      this.#take(batch, at, await this.#judge(batch, at));
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'TIMEOUT')) throw error;
      this.end(error);
    }
  }

  /** In the middle of a time step, each task as far as it is. */
  async #judge(batch: ToldBatch, at: number): Promise<readonly Judgement[]> {
    const half = this.#half;
    const judgements = await this.#live.judgements(batch, this.#list.at(at));
    if (!half) return judgements;
    const passed = await this.#live.judgements(batch, this.#list.at(half.to));
    const had = ({ told }: Judgement) => told.subjectId <= half.taskId;
    return [...judgements.filter((each) => !had(each)), ...passed.filter(had)].sort((a, b) =>
      Number(a.told.seq - b.told.seq),
    );
  }

  /** By an event that ends it, at once, though some before it were not delivered. */
  #mustEnd({ changed, isPruned }: ToldBatch): boolean {
    if (isPruned) this.end(resyncRequired());
    const key = this.#keyUserId === null ? undefined : changed.get(this.#keyUserId);
    // What was before it began was known when it began.
    if (key && !key.isActive && key.seq > this.#head) {
      this.end(membershipEnded());
      return true;
    }
    const mine = changed.get(this.#userId);
    if (isPruned || !mine || mine.seq <= this.#head) return isPruned;
    this.#standing = { ...this.#standing, role: mine.role };
    if (!mine.isActive) this.end(membershipEnded());
    else if (mine.resightedAt === null || mine.resightedAt <= this.#head) return false;
    else this.end(sightChanged());
    return true;
  }

  #take(batch: ToldBatch, at: number, judgements: readonly Judgement[]): void {
    if (this.#mustEnd(batch)) return;
    const after = this.#seq;
    const to = this.#step && this.#step.moved.seq < batch.to ? this.#step.moved.seq : batch.to;
    const isNow = ({ seq }: Told) => after < seq && seq <= to;
    const changes = judgements.filter(({ told }) => isNow(told));
    const taskIds = changes.map(({ told }) => told.subjectId);
    const standing = this.#standing;
    const half = this.#half;
    // What others had loaded by then was perhaps not so any more when this one began.
    const page = batch.moment > this.#began ? batch : {};
    this.#seq = to;
    this.#at = at;
    if (this.#list.clock === 'instant') {
      for (const { dueAt } of batch.told.filter(isNow)) {
        if (dueAt !== null && dueAt.getTime() >= at) this.#due = Math.min(this.#due, dueAt.getTime() + 1);
      }
    }
    this.give(
      changes.map(({ change, told }) => {
        const { subjectId: taskId, subjectUid: taskUid, seq } = told;
        return { change, taskId, taskUid, told, place: { seq, at, half }, page, taskIds, standing };
      }),
    );
  }

  async #readStep(to: number): Promise<void> {
    try {
      const moved = await this.#live.moved(this.#list, this.#at, to);
      if (moved === null) this.end(resyncRequired('Time has moved too many tasks into the list or out of it.'));
      else this.#step = { to, moved: this.#half ? beyond(moved, this.#half.taskId) : moved };
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'TIMEOUT')) throw error;
      this.end(error);
    }
  }

  #pass({ to, moved: { seq, nextDue, pages } }: Step): void {
    const before = { seq, at: this.#at };
    const standing = this.#standing;
    this.#step = null;
    this.#half = null;
    this.#at = to;
    this.#due = this.#passesAt(to, nextDue?.getTime() ?? null);
    this.give(changesOf(pages, before, { seq, at: to }, standing));
  }
}
