import { describe, expect, it } from 'vitest';
import type { Shape } from '../../src/pipeline/change/rules.ts';
import { reordered } from '../../src/pipeline/change/rules.ts';
import { refuseTarget } from '../../src/pipeline/deletion/rules.ts';
import { refuseIncomplete } from '../../src/pipeline/rules.ts';
import { mayHaveMissed, remaining, type Way } from '../../src/pipeline/settle/rules.ts';
import { NotFound } from '../../src/refusals.ts';

// What refusals say of one thing and of several. What is refused when is held over HTTP, beside this.

const stage = (uid: string, isWon = false) => ({
  ...{ id: 1n, uid, name: uid, color: '#000000', isDefault: false, isWon },
});
const said = (refusal: { readonly message: string } | null) => refusal?.message;

describe('of one task and of several', () => {
  it('a won stage is refused', () => {
    expect(refuseIncomplete(0, [])).toBeNull();
    expect(said(refuseIncomplete(1, []))).toBe(
      '1 task that is not complete stands in this stage: complete or move it first.',
    );
    expect(said(refuseIncomplete(2, [], ', or say completeTasks: true'))).toBe(
      '2 tasks that are not complete stand in this stage: complete or move them first, or say completeTasks: true.',
    );
  });

  it('a deletion asks where they go', () => {
    const asked = (cards: number) => said(refuseTarget({ cards, incomplete: 0 }, null, false, 'stage'));
    expect([0, 1, 2].map(asked)).toEqual([
      undefined,
      '1 task stands in this stage: say where to move it.',
      '2 tasks stand in this stage: say where to move them.',
    ]);
  });

  it('a won stage does not take those that are not complete', () => {
    const refused = (incomplete: number) =>
      said(refuseTarget({ cards: 3, incomplete }, stage('won', true), true, 'pipeline'));
    expect([0, 1, 2].map(refused)).toEqual([
      undefined,
      '1 task that is not complete stands in this pipeline: it cannot go to a won stage.',
      '2 tasks that are not complete stand in this pipeline: they cannot go to a won stage.',
    ]);
  });
});

it('a new order is asked for of one stage and of several', () => {
  const refused = (...uids: string[]) => {
    const shape: Shape = { name: 'x', stages: uids.map((uid) => stage(uid)) };
    const planned = reordered(shape, [], (_id, path) => new NotFound('There is no such stage.', path));
    return planned.ok ? null : said(planned.refusals[0] ?? null);
  };
  expect(refused('a')).toBe('The new order names the pipeline’s only stage once.');
  expect(refused('a', 'b')).toBe('The new order names each of the pipeline’s 2 stages once.');
});

describe('what is left of a change behind a mark', () => {
  const from = (uid: string) => ({ id: 1n, uid, whose: 'ALL' as const });
  const ways: Way[] = [
    { from: [from('gone')], to: null, isLive: false },
    { from: [from('first'), from('second'), from('third')], to: null, isLive: true },
  ];
  const [gone, live] = ways as [Way, Way];
  const at = (stageUid: string) => ({ stageUid, position: 'a5' });

  it('is the rest of its stage, and all that is in turn behind that', () => {
    expect(remaining(ways, at('gone'))).toEqual([{ ...gone, from: [{ ...from('gone'), behind: 'a5' }] }, live]);
    expect(remaining(ways, at('second'))).toEqual([
      { ...live, from: [{ ...from('second'), behind: 'a5' }, from('third')] },
    ]);
  });

  it('is all of it at the beginning, and where the stage is another thing by now', () => {
    expect(remaining(ways, null)).toEqual(ways);
    expect(remaining(ways, at('elsewhere'))).toEqual(ways);
  });

  it('is looked through once more where people may have changed what lies before the mark', () => {
    const places = [null, at('gone'), at('elsewhere'), at('first')];
    expect(places.map((mark) => mayHaveMissed(ways, mark))).toEqual([false, false, false, true]);
  });
});
