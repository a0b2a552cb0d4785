import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bound, boundOf, byTime, type EntryKind, keyOf, type Place, pageOf } from '../../src/timeline/rules.ts';

const seed = process.env['SEED'] ? { seed: Number(process.env['SEED']) } : {};

/** Few moments and few ids, so that many are level. */
const place = fc.record({
  at: fc.integer({ min: 0, max: 4 }).map((n) => 1_767_225_600_000 + n),
  kind: fc.constantFrom<EntryKind>('ACTIVITY', 'TASK'),
  id: fc.integer({ min: 1, max: 9 }).map(BigInt),
});
const nameOf = ({ at, kind, id }: Place) => `${at} ${kind} ${id}`;
const places = fc.uniqueArray(place, { selector: nameOf, maxLength: 24 });

const momentOf = ({ at }: Bound) => (at === 'infinity' ? Infinity : at === '-infinity' ? -Infinity : at.getTime());

/** What the database gives of one kind: behind the bound, in the walk's direction, limited. */
const stretch = (all: readonly Place[], kind: EntryKind, walk: Parameters<typeof boundOf>[1]): Place[] => {
  const bound = boundOf(kind, walk);
  const than = (entry: Place) => entry.at - momentOf(bound) || Number(entry.id - bound.id);
  const along = (a: Place, b: Place) => (a.at - b.at || Number(a.id - b.id)) * (walk.backward ? 1 : -1);
  return all
    .filter((entry) => entry.kind === kind && (walk.backward ? than(entry) > 0 : than(entry) < 0))
    .sort(along)
    .slice(0, walk.limit);
};

describe('the order of a timeline', () => {
  it('is newest first, then activities before tasks, then what was made last', () => {
    const entries: Place[] = [
      { at: 1, kind: 'TASK', id: 9n },
      { at: 2, kind: 'TASK', id: 1n },
      { at: 2, kind: 'ACTIVITY', id: 1n },
      { at: 2, kind: 'ACTIVITY', id: 2n },
      { at: 2, kind: 'TASK', id: 2n },
    ];
    expect(entries.sort(byTime).map(nameOf)).toEqual([
      '2 ACTIVITY 2',
      '2 ACTIVITY 1',
      '2 TASK 2',
      '2 TASK 1',
      '1 TASK 9',
    ]);
  });

  it('is total: what is level is the same', () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        expect(Math.sign(byTime(a, b))).toBe(-Math.sign(byTime(b, a)) + 0);
        expect(byTime(a, b) === 0).toBe(nameOf(a) === nameOf(b));
      }),
      seed,
    );
  });
});

describe('a page of a timeline', () => {
  it('of as many of each kind as could be in it has what follows a place, either way', () => {
    fc.assert(
      fc.property(
        places,
        fc.option(place),
        fc.boolean(),
        fc.integer({ min: 1, max: 8 }),
        (all, from, backward, limit) => {
          const walk = { from: from && keyOf(from), backward, limit };
          const found = pageOf([...stretch(all, 'TASK', walk), ...stretch(all, 'ACTIVITY', walk)], walk);
          const inOrder = backward ? all.toSorted(byTime).reverse() : all.toSorted(byTime);
          const behind = inOrder.filter(
            (entry) => from === null || (backward ? byTime(entry, from) < 0 : byTime(entry, from) > 0),
          );
          expect(found.map(nameOf)).toEqual(behind.slice(0, limit).map(nameOf));
        },
      ),
      { numRuns: 500, ...seed },
    );
  });
});
