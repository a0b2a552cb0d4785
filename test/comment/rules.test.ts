import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toldOfCompletion as toldOfActivity } from '../../src/activity/audience/rules.ts';
import { refuseBody, refuseCount, refuseMentions, toldOf } from '../../src/comment/rules.ts';
import { refuseEscalation } from '../../src/task/escalation/rules.ts';
import { toldOfCompletion } from '../../src/task/watch/rules.ts';

const told = (...refusals: readonly ({ code: string; path: readonly string[] } | null)[]) =>
  refusals.flatMap((each) => (each ? [`${each.code} ${each.path.join('.')}`] : []));

describe('a comment', () => {
  it.each([
    ['x', true],
    [' x\n', true],
    ['', false],
    [' \n\t', false],
    ['\u200b', false],
    ['\u200b\u2060 \ufeff\u00ad', false],
    ['\u200bx', true],
    ['a\0', false],
    ['\ud800', false],
    ['x'.repeat(32_768), true],
    ['x'.repeat(32_769), false],
    ['é'.repeat(16_385), false],
  ])('%# is a text of some character and 32 KiB at most', (body, fits) => {
    expect(told(refuseBody(body, ['body']))).toEqual(fits ? [] : ['INVALID body']);
  });

  it('mentions at most 50', () => {
    expect(told(refuseCount(Array(50).fill('x')), refuseCount(Array(51).fill('x')))).toEqual(['INVALID mentionIds']);
  });

  it('mentions people who are here and see it, and says which does not', () => {
    const who = { userId: 1n, uid: 'a', isHere: true, isSeeing: true };
    const found = [who, null, { ...who, isHere: false }, { ...who, isSeeing: false }];
    expect(told(...refuseMentions(found))).toEqual([
      'NOT_FOUND mentionIds.1',
      'INVALID mentionIds.2',
      'INVALID mentionIds.3',
    ]);
  });

  it('is told of once to each, as a mention to the mentioned, never to its author', () => {
    const ids = fc.uniqueArray(fc.bigInt(1n, 9n));
    fc.assert(
      fc.property(fc.bigInt(1n, 9n), ids, ids, (author, mentioned, concerned) => {
        const all = toldOf(author, mentioned, concerned);
        expect(new Set(all.map(({ userId }) => userId)).size).toBe(all.length);
        for (let id = 1n; id <= 9n; id += 1n) {
          const found = all.find(({ userId }) => userId === id);
          const isDue = id !== author && (mentioned.includes(id) || concerned.includes(id));
          expect(found?.isMentioned).toBe(isDue ? mentioned.includes(id) : undefined);
        }
      }),
    );
  });
});

describe('a completed task is told of', () => {
  const all = [1n, 2n, 3n].map((userId) => ({ userId, isWatching: userId !== 2n, isAssignee: userId === 2n }));
  const completing = { actorId: 9n, isAssigned: false, told: new Set<bigint>() };

  it('to its watchers and its assignee, without the actor [THENA-T29]', () => {
    expect(toldOfCompletion(all, completing)).toEqual([1n, 2n, 3n]);
    expect(toldOfCompletion(all, { ...completing, actorId: 3n })).toEqual([1n, 2n]);
  });

  it('but not to whoever is assigned with the same write', () => {
    expect(toldOfCompletion(all, { ...completing, isAssigned: true })).toEqual([1n, 3n]);
    expect(toldOfCompletion(all, { ...completing, isAssigned: true, told: new Set([3n]) })).toEqual([1n]);
  });
});

it('a completed activity is told of to who took part, without the actor', () => {
  const all = [1n, 2n, 3n].map((userId) => ({ userId, isParticipant: userId !== 2n }));
  expect(toldOfActivity(all, 3n)).toEqual([1n]);
});

it.each([
  ['PENDING', 'x', []],
  ['ON_HOLD', 'x'.repeat(2_000), []],
  ['IN_PROGRESS', 'x'.repeat(2_001), ['INVALID reason']],
  ['PENDING', '  ', ['INVALID reason']],
  ['COMPLETED', 'x', ['NOT_ALLOWED id']],
  ['CANCELLED', '', ['NOT_ALLOWED id', 'INVALID reason']],
] as const)('a task that is %s is escalated or not (%#)', (status, reason, expected) => {
  expect(told(...refuseEscalation(status, reason))).toEqual(expected);
});
