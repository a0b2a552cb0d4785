import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterBatch } from '../../src/event/prune.ts';
import { Failure } from '../../src/work/outcome.ts';
import { afterFailure, backoff, isPoison, LEASE_MS, POLL_MS, sleepFor, tellError } from '../../src/work/rules.ts';

const dice = fc.double({ min: 0, max: 1, noNaN: true });

describe('a failed attempt', () => {
  it('is followed by another after 10, 20, 40, 80 s', () => {
    expect([1, 2, 3, 4].map((attempt) => backoff(attempt, 0.5))).toEqual([10_000, 20_000, 40_000, 80_000]);
  });

  it('is followed a fifth earlier or later, so that what failed together does not come back together', () => {
    expect([backoff(1, 0), backoff(1, 1)]).toEqual([8_000, 12_000]);
  });

  it('is never the last one, and the next comes within an hour or so, however many have failed', () => {
    const next = [5, 9, 10, 1_000_000].map((attempt) => afterFailure(attempt, false, 0.5));
    expect(next.map(({ inMs }) => inMs)).toEqual([160_000, 2_560_000, 3_600_000, 3_600_000]);
    expect(next[1]).toEqual({ state: 'SCHEDULED', inMs: 2_560_000, attempts: 9 });
    expect(backoff(1_000_000, 1)).toBe(4_320_000);
  });

  it('of what may be given up is the last one when it is the fifth', () => {
    const states = [1, 2, 3, 4, 5, 6].map((attempt) => afterFailure(attempt, true, 0.5).state);
    expect(states).toEqual(['SCHEDULED', 'SCHEDULED', 'SCHEDULED', 'SCHEDULED', 'FAILED', 'FAILED']);
    expect(afterFailure(3, true, 0.5)).toEqual({ state: 'SCHEDULED', inMs: 40_000, attempts: 3 });
    expect(afterFailure(6, true, 0.5)).toEqual({ state: 'FAILED', inMs: null, attempts: 5 });
  });

  it('is counted as one, and not begun, where it may have taken five workers down', () => {
    expect([5, 6].map((attempt) => isPoison(attempt, true, false))).toEqual([false, true]);
    expect([5, 6].map((attempt) => isPoison(attempt, false, true))).toEqual([false, true]);
    // It has waited since.
    expect(isPoison(7, false, false)).toBe(false);
  });

  it.each([
    ['its own code', new Failure('NO_MAILBOX', 'It is gone.'), 'NO_MAILBOX', 'It is gone.'],
    ['the code of Node', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED', 'refused'],
    ['INTERNAL for an SQLSTATE', Object.assign(new Error('twice'), { code: '23505' }), 'INTERNAL', 'twice'],
    ['INTERNAL for an error without one', new TypeError('x is undefined'), 'INTERNAL', 'x is undefined'],
    ['a sentence for an error that says nothing', new Error(), 'INTERNAL', 'It gave no reason.'],
    ['what was thrown that is no error', 'no', 'INTERNAL', 'no'],
    ['a thousand characters at most', new Error('x'.repeat(5_000)), 'INTERNAL', 'x'.repeat(1_000)],
  ])('is kept with %s', (_, error, code, message) => {
    expect(tellError(error)).toEqual({ code, message });
  });
});

describe('a worker without work', () => {
  it('sleeps until the next is due, never for nothing, and never longer than a poll', () => {
    fc.assert(
      fc.property(fc.option(fc.double({ min: -1e6, max: 1e9, noNaN: true })), dice, (dueInMs, roll) => {
        const ms = sleepFor(dueInMs, POLL_MS, roll);
        expect(ms).toBeGreaterThanOrEqual(100);
        expect(ms).toBeLessThanOrEqual(POLL_MS);
        if (dueInMs !== null && dueInMs >= 100 && dueInMs < 0.9 * POLL_MS) expect(ms).toBe(dueInMs);
        if (dueInMs === null) expect(ms).toBeGreaterThanOrEqual(0.9 * POLL_MS);
      }),
    );
  });

  it('looks once in the time of a lease, or it would not see what others have lost', () => {
    expect(POLL_MS).toBeLessThanOrEqual(LEASE_MS);
  });
});

describe('pruning', () => {
  const DAY = 86_400_000;
  const place = { readTo: '500', days: 3 };

  it('goes on at once after a full batch', () => {
    expect(afterBatch(place, { read: 1_000, readTo: 1_700n, prunedTo: null }, 0.5)).toEqual({
      due: { inMs: 0 },
      place: { readTo: '1700', days: 3 },
    });
  });

  it('goes on tomorrow, give or take an hour, from where it ended', () => {
    const ended = (roll: number) => afterBatch(place, { read: 999, readTo: 1_700n, prunedTo: 900n }, roll);
    expect(ended(0.5)).toEqual({ due: { inMs: DAY }, place: { readTo: '1700', days: 4 } });
    expect([ended(0).due, ended(1).due]).toEqual([{ inMs: DAY - 3_600_000 }, { inMs: DAY + 3_600_000 }]);
  });

  it('stays where it is when nothing is old enough', () => {
    expect(afterBatch(place, { read: 0, readTo: null, prunedTo: null }, 0.5).place).toEqual({ readTo: '500', days: 4 });
  });

  it('reads from the beginning again once in thirty days, for what stayed', () => {
    let at = { readTo: '0', days: 0 };
    const begun: number[] = [];
    for (let day = 0; day < 95; day += 1) {
      if (at.readTo === '0') begun.push(day);
      at = afterBatch(at, { read: 1, readTo: BigInt(day + 1), prunedTo: null }, 0.5).place;
    }
    expect(begun).toEqual([0, 30, 60, 90]);
  });
});
