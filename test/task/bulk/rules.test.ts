import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { breadthOf } from '../../../src/task/bulk/rules.ts';
import type { TaskFilter } from '../../../src/task/filter/filter.ts';

describe('a filter leaves of all tasks', () => {
  const NONE = { id: { in: [] } };
  const OPEN = { isOpen: true };
  const KIND: TaskFilter = { _type: { eq: 'LEAD' } };
  it.each<[string, TaskFilter, ReturnType<typeof breadthOf>]>([
    ['all when it is empty', {}, 'all'],
    ['all by conditions that are null', { isOpen: null, id: null, date: { gte: null } }, 'all'],
    ['all by comparators of nothing', { id: {}, date: {}, _type: {} }, 'all'],
    ['all by not being among none', { id: { notIn: [] } }, 'all'],
    ['all by blank words', { search: '  ' }, 'all'],
    ['all by nothing that must hold', { and: [] }, 'all'],
    ['all by what holds nothing', { and: [{}, { and: [{}] }] }, 'all'],
    ['all where one of several does', { or: [OPEN, {}] }, 'all'],
    ['all by not being none', { not: { or: [] } }, 'all'],
    ['kinds by _type', KIND, 'kinds'],
    ['kinds by any _type', { _type: { any: true } }, 'kinds'],
    ['kinds by the bin', { deleted: 'ONLY' }, 'kinds'],
    ['kinds by another than one', { not: KIND }, 'kinds'],
    ['kinds where one of several does no more', { or: [OPEN, KIND] }, 'kinds'],
    ['some by a condition', OPEN, 'some'],
    ['some by what is false', { isComplete: false }, 'some'],
    ['some by a day', { date: { lte: { day: '2026-01-01' } } }, 'some'],
    ['some by the first instant there is', { date: { gte: { instant: 0 } } }, 'some'],
    ['some by an instant', { createdAt: { gt: new Date(0) } }, 'some'],
    ['some by words', { search: 'offer' }, 'some'],
    ['some by a condition within', { _type: { any: true }, and: [{ and: [OPEN] }] }, 'some'],
    ['some where each of several does', { or: [OPEN, { and: [KIND, OPEN] }] }, 'some'],
    ['some by not meeting one', { not: OPEN }, 'some'],
    ['none among none', NONE, 'none'],
    ['none of no filters', { or: [] }, 'none'],
    ['none by not being all', { not: {} }, 'none'],
    ['none beside anything else', { ...OPEN, and: [NONE] }, 'none'],
  ])('%s', (_what, filter, breadth) => {
    expect(breadthOf(filter)).toBe(breadth);
  });

  it('no more by a condition more, no less by one less', () => {
    const ORDER = ['none', 'some', 'kinds', 'all'];
    const { tree } = fc.letrec<{ tree: TaskFilter }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom<TaskFilter[]>({}, OPEN, KIND, NONE, { deleted: 'INCLUDE' }, { id: { notIn: ['x'] } }),
        fc.record({ and: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ or: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ not: tie('tree') }),
      ),
    }));
    const at = (filter: TaskFilter) => ORDER.indexOf(breadthOf(filter));
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        expect(at({ and: [a, b] })).toBe(Math.min(at(a), at(b)));
        expect(at({ or: [a, b] })).toBe(Math.max(at(a), at(b)));
        expect(at({ not: { not: a } })).toBe(at(a));
      }),
    );
  });
});
