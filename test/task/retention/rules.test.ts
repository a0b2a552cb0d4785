import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cutoffsAt,
  expiresAt,
  FIRST,
  firstRetention,
  type Kept,
  nextPlace,
  type Place,
  type Terms,
  tomorrow,
} from '../../../src/task/retention/rules.ts';
import { kind } from '../arbitrary.ts';

const DAY = 86_400_000;
const at = (text: string) => new Date(`${text}Z`);
const call: Kept = { kind: 'MISSED_CALL', isQueueRow: false, completedAt: at('2026-03-01T10:00:00'), deletedAt: null };
const terms: Terms = { taskRetentionDays: 30, binRetentionDays: 90 };

describe('a task expires', () => {
  it('so many days of 24 hours after its completion, whatever clocks were set on meanwhile [CLOSE-04]', () => {
    expect(expiresAt(call, terms)).toEqual(at('2026-03-31T10:00:00'));
    expect(expiresAt(call, { ...terms, taskRetentionDays: 1 })).toEqual(at('2026-03-02T10:00:00'));
  });

  it('never by its completion when it is of kind LEAD, or the organization keeps complete tasks forever', () => {
    expect(expiresAt({ ...call, kind: 'LEAD' }, terms)).toBeNull();
    expect(expiresAt(call, { ...terms, taskRetentionDays: null })).toBeNull();
  });

  it('from the bin, of whatever kind, complete or not', () => {
    const deletedAt = at('2026-01-01T00:00:00');
    expect(expiresAt({ ...call, kind: 'LEAD', deletedAt }, terms)).toEqual(at('2026-04-01T00:00:00'));
    expect(expiresAt({ ...call, completedAt: null, deletedAt }, terms)).toEqual(at('2026-04-01T00:00:00'));
    expect(expiresAt({ ...call, deletedAt }, { ...terms, taskRetentionDays: null })).toEqual(at('2026-04-01T00:00:00'));
  });

  it('by whichever comes first', () => {
    const ended = (deleted: string) => expiresAt({ ...call, deletedAt: at(deleted) }, terms);
    expect(ended('2026-03-02T00:00:00')).toEqual(at('2026-03-31T10:00:00'));
    expect(ended('2025-12-01T00:00:00')).toEqual(at('2026-03-01T00:00:00'));
  });

  it('not at all while it is open, or when it is a row of a queue', () => {
    expect(expiresAt({ ...call, completedAt: null }, terms)).toBeNull();
    expect(expiresAt({ ...call, isQueueRow: true, deletedAt: call.completedAt }, terms)).toBeNull();
  });

  it('in the year that the longest setting says', () => {
    expect(expiresAt(call, { ...terms, taskRetentionDays: 36_500 })).toEqual(at('2126-02-05T10:00:00'));
  });
});

const instant = fc.date({ min: at('2020-01-01T00:00:00'), max: at('2030-01-01T00:00:00'), noInvalidDate: true });
const days = fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 36_500 }));
const anyTask: fc.Arbitrary<Kept> = fc.record({
  kind,
  isQueueRow: fc.constant(false),
  completedAt: fc.option(instant),
  deletedAt: fc.option(instant),
});
const anyTerms: fc.Arbitrary<Terms> = fc.record({ taskRetentionDays: fc.option(days), binRetentionDays: days });

describe('what is kept no longer', () => {
  it('is what has expired, to the millisecond', () => {
    const isOver = ({ kind, completedAt, deletedAt }: Kept, { completed, deleted }: ReturnType<typeof cutoffsAt>) =>
      (kind !== 'LEAD' && completedAt !== null && completed !== null && completedAt <= completed) ||
      (deletedAt !== null && deletedAt <= deleted);
    fc.assert(
      fc.property(anyTask, anyTerms, instant, fc.integer({ min: -1, max: 1 }), (task, each, clock, ms) => {
        const end = expiresAt(task, each);
        for (const now of [clock, ...(end ? [new Date(end.getTime() + ms)] : [])]) {
          expect(isOver(task, cutoffsAt(each, now))).toBe(end !== null && end <= now);
        }
      }),
    );
  });
});

describe('a day’s work', () => {
  it('goes from what refers to something to what it refers to, each to its end', () => {
    let place: Place | null = FIRST;
    const stages: string[] = [];
    for (; place; place = nextPlace(place.stage, null)) stages.push(`${place.stage} ${place.after}`);
    expect(stages).toEqual(['TASK 0', 'ACTIVITY 0', 'OPPORTUNITY 0', 'LEAD 0', 'CONTACT 0', 'ACCOUNT 0']);
    expect(nextPlace('LEAD', 7n)).toEqual({ stage: 'LEAD', after: '7' });
  });
});

describe('the job', () => {
  it('is due some time of an organization’s first day, and about a day after each time', () => {
    expect(firstRetention(0)).toEqual({ kind: 'task.retention', due: { inMs: 0 } });
    expect(firstRetention(1).due).toEqual({ inMs: DAY });
    expect([0, 0.5, 1].map((dice) => tomorrow(dice).inMs)).toEqual([DAY - 3_600_000, DAY, DAY + 3_600_000]);
  });
});
