import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Board, StageFacts } from '../../src/pipeline/rules.ts';
import { returned, returnTo } from '../../src/task/door/rules.ts';
import { applyPatch, blankTask, type TaskPatch, type TaskState } from '../../src/task/rules.ts';
import { STATUSES } from './arbitrary.ts';

const uid = (n: number) => String(n).padStart(26, '0');
const me = { id: 9n, uid: uid(9) };

/** A pipeline of four stages: the first is the default one, the last the won one if there is one. */
function board(n: number, hasWon: boolean): Board {
  const stages = [1, 2, 3, 4].map((each): StageFacts => {
    const id = n * 10 + each;
    const isWon = hasWon && each === 4;
    return { id: BigInt(id), uid: uid(id), pipelineId: BigInt(n), isDefault: each === 1, isWon };
  });
  return { id: BigInt(n), uid: uid(n), stages };
}
const WITH = board(1, true);
const WITHOUT = board(2, false);
const OTHER = board(3, true);
const BOARDS = [WITH, WITHOUT, OTHER];
const stageOf = (of: Board, n: number) => of.stages[n - 1] as StageFacts;
const [DRAFT, SENT, APPROVED, DONE] = WITH.stages as [StageFacts, StageFacts, StageFacts, StageFacts];

let clock = Date.UTC(2026, 0, 1);
function tick(): Date {
  clock += 1000;
  return new Date(clock);
}
/** What the service does besides: a task that came to another stage gets a place there. */
const withPlace = (state: TaskState): TaskState =>
  state.stage && state.position === null ? { ...state, position: `a${state.stage.id}` } : state;

function ask(state: TaskState, patch: TaskPatch): TaskState {
  const applied = applyPatch(state, patch, tick(), me, ['patch'], BOARDS);
  if (!applied.ok) throw new Error(JSON.stringify(applied.refusals));
  return withPlace(applied.state);
}
function refused(state: TaskState, patch: TaskPatch): string[] {
  const applied = applyPatch(state, patch, tick(), me, ['patch'], BOARDS);
  return applied.ok ? [] : applied.refusals.map(({ code, path }) => `${code} ${path.join('.')}`);
}

const inStage = (stage: StageFacts, patch: TaskPatch = {}) => ask(ask(blankTask, { stage }), patch);
const place = ({ status, stage }: TaskState) => [status, stage?.id ?? null];

describe('completing', () => {
  it('moves a task to the won stage [PARSA-31]', () => {
    for (const patch of [{ isComplete: true }, { status: 'COMPLETED' }] as const) {
      expect(place(ask(inStage(SENT), patch))).toEqual(['COMPLETED', DONE.id]);
    }
  });

  it('in a pipeline without a won stage leaves the stage alone', () => {
    expect(place(ask(inStage(stageOf(WITHOUT, 2)), { isComplete: true }))).toEqual(['COMPLETED', 22n]);
  });

  it('a complete task changes nothing: neither when, nor by whom, nor its outcome', () => {
    const done = ask(inStage(SENT), { isComplete: true, outcome: 'Sold.' });
    expect(ask(done, { isComplete: true, outcome: 'Not sold.' })).toEqual(done);
    expect(ask(done, { status: 'COMPLETED' })).toEqual(done);
    expect(ask(done, { stage: DONE })).toEqual(done);
  });

  it('a complete task that stands elsewhere, as from before there was a won stage, changes nothing', () => {
    const odd = { ...inStage(DONE), stage: { id: SENT.id, uid: SENT.uid } };
    expect(ask(odd, { isComplete: true })).toEqual(odd);
    expect(ask(odd, { pipeline: WITH })).toEqual(odd);
    const open = { ...inStage(SENT), stage: { id: DONE.id, uid: DONE.uid } };
    expect(ask(open, { pipeline: WITH })).toEqual(open);
  });

  it('sets when and by whom [PARSA-22]', () => {
    expect(ask(inStage(SENT), { stage: DONE })).toMatchObject({ completedAt: new Date(clock), completedBy: me });
  });
});

describe('moving', () => {
  it('into the won stage completes, a cancelled task too', () => {
    for (const status of STATUSES) {
      const task = status === 'COMPLETED' ? inStage(DONE) : inStage(SENT, { status });
      expect(place(ask(task, { stage: DONE }))).toEqual(['COMPLETED', DONE.id]);
    }
  });

  it('out of the won stage reopens, with the status before and without outcome', () => {
    const done = ask(inStage(SENT, { status: 'ON_HOLD' }), { isComplete: true, outcome: 'Sold.' });
    const back = ask(done, { stage: APPROVED });
    expect(place(back)).toEqual(['ON_HOLD', APPROVED.id]);
    expect(back).toMatchObject({ completedAt: null, completedBy: null, outcome: null, stageBeforeId: null });
  });

  it('out of the won stage with a status gives it that', () => {
    expect(place(ask(inStage(DONE), { stage: SENT, status: 'CANCELLED' }))).toEqual(['CANCELLED', SENT.id]);
  });

  it('between other stages leaves the status alone', () => {
    for (const status of STATUSES.filter((each) => each !== 'COMPLETED')) {
      expect(place(ask(inStage(DRAFT, { status }), { stage: SENT }))).toEqual([status, SENT.id]);
    }
  });

  it('in a pipeline without a won stage leaves a complete task complete', () => {
    const done = inStage(stageOf(WITHOUT, 1), { isComplete: true });
    expect(place(ask(done, { stage: stageOf(WITHOUT, 3) }))).toEqual(['COMPLETED', 23n]);
  });
});

describe('reopening', () => {
  const ways: TaskPatch[] = [{ isComplete: false }, { reopens: true }];

  it.each(ways)('by %j restores status and stage', (way) => {
    const done = ask(inStage(APPROVED, { status: 'IN_PROGRESS' }), { isComplete: true });
    expect(place(ask(done, way))).toEqual(['IN_PROGRESS', APPROVED.id]);
  });

  it.each(ways)('by %j, where there was no stage before, puts it into the default one', (way) => {
    expect(place(ask(inStage(DONE), way))).toEqual(['PENDING', DRAFT.id]);
  });

  it('restores PENDING where it was cancelled before', () => {
    const done = ask(inStage(SENT, { status: 'CANCELLED' }), { stage: DONE });
    expect(place(ask(done, { isComplete: false }))).toEqual(['PENDING', SENT.id]);
  });

  it('by any other status leaves the won stage for the stage before', () => {
    for (const status of ['PENDING', 'IN_PROGRESS', 'ON_HOLD', 'CANCELLED'] as const) {
      expect(place(ask(ask(inStage(SENT), { isComplete: true }), { status }))).toEqual([status, SENT.id]);
    }
  });

  it('leaves a cancelled task alone when it is only said not to be complete, and opens it when told to', () => {
    const cancelled = inStage(SENT, { status: 'CANCELLED' });
    expect(ask(cancelled, { isComplete: false })).toEqual(cancelled);
    expect(place(ask(cancelled, { reopens: true }))).toEqual(['PENDING', SENT.id]);
  });

  it('an open task changes nothing', () => {
    const open = inStage(SENT, { status: 'ON_HOLD' });
    expect(ask(open, { reopens: true })).toEqual(open);
  });
});

describe('entering a pipeline', () => {
  it('without a stage puts an open task into the default one [PARSA-30]', () => {
    for (const status of ['PENDING', 'IN_PROGRESS', 'ON_HOLD', 'CANCELLED'] as const) {
      expect(place(ask({ ...blankTask, status }, { pipeline: WITH }))).toEqual([status, DRAFT.id]);
    }
  });

  it('without a stage puts a complete task into the won one if there is one, else the default one', () => {
    const done = ask(blankTask, { isComplete: true });
    expect(place(ask(done, { pipeline: WITH }))).toEqual(['COMPLETED', DONE.id]);
    expect(place(ask(done, { pipeline: WITHOUT }))).toEqual(['COMPLETED', 21n]);
    expect(place(ask(blankTask, { pipeline: WITH, isComplete: true }))).toEqual(['COMPLETED', DONE.id]);
  });

  it('with a stage lets the stage decide', () => {
    const done = ask({ ...blankTask, status: 'ON_HOLD' }, { isComplete: true });
    expect(place(ask(done, { pipeline: WITH, stage: SENT }))).toEqual(['ON_HOLD', SENT.id]);
    expect(place(ask(blankTask, { pipeline: WITH, stage: DONE }))).toEqual(['COMPLETED', DONE.id]);
    expect(place(ask(done, { pipeline: WITHOUT, stage: stageOf(WITHOUT, 3) }))).toEqual(['COMPLETED', 23n]);
  });

  it('from none may be said by the stage alone', () => {
    expect(ask(blankTask, { stage: SENT })).toMatchObject({ pipeline: { id: 1n }, stage: { id: SENT.id } });
  });

  it('from another one forgets the stage before', () => {
    const done = ask(inStage(APPROVED), { isComplete: true });
    const moved = ask(done, { pipeline: OTHER });
    expect(place(moved)).toEqual(['COMPLETED', 34n]);
    expect(place(ask(moved, { isComplete: false }))).toEqual(['PENDING', 31n]);
  });

  it('that it is in already changes nothing', () => {
    const task = inStage(SENT);
    expect(ask(task, { pipeline: WITH })).toEqual(task);
  });
});

describe('leaving a pipeline', () => {
  it('keeps the status', () => {
    for (const status of STATUSES) {
      const task = status === 'COMPLETED' ? inStage(DONE) : inStage(SENT, { status });
      const left = ask(task, { pipeline: null });
      expect(left).toEqual({ ...task, pipeline: null, stage: null, position: null, stageBeforeId: null });
    }
  });

  it('may say the stage too', () => {
    expect(place(ask(inStage(SENT), { pipeline: null, stage: null }))).toEqual(['PENDING', null]);
  });

  it('takes a status that is given', () => {
    expect(place(ask(inStage(DONE), { pipeline: null, isComplete: false }))).toEqual(['PENDING', null]);
  });
});

describe('what contradicts itself is refused:', () => {
  it.each<[string, TaskPatch, TaskState, string[]]>([
    ['complete and cancelled', { isComplete: true, status: 'CANCELLED' }, blankTask, ['isComplete']],
    ['complete and not', { isComplete: false, status: 'COMPLETED' }, blankTask, ['isComplete']],
    ['the won stage in progress', { stage: DONE, status: 'IN_PROGRESS' }, inStage(SENT), ['stageId']],
    ['the won stage, not complete', { stage: DONE, isComplete: false }, inStage(SENT), ['stageId']],
    ['another stage, complete', { stage: SENT, status: 'COMPLETED' }, inStage(DRAFT), ['stageId']],
    ['another stage, complete already', { stage: SENT, isComplete: true }, inStage(DONE), ['stageId']],
    ['a stage of another pipeline', { stage: stageOf(OTHER, 2) }, inStage(SENT), ['stageId']],
    ['a stage not of the pipeline', { pipeline: WITH, stage: stageOf(OTHER, 2) }, blankTask, ['stageId']],
    ['a stage and no pipeline', { pipeline: null, stage: SENT }, inStage(SENT), ['stageId']],
    ['no stage in a pipeline', { stage: null }, inStage(SENT), ['stageId']],
    ['no stage, and a pipeline', { pipeline: OTHER, stage: null }, inStage(SENT), ['stageId']],
  ])('%s', (_what, patch, state, fields) => {
    expect(refused(state, patch)).toEqual(fields.map((field) => `INVALID patch.${field}`));
  });

  it('a change of place or status while its pipeline is deleted and it is on its way to another', () => {
    const gone = { ...WITH, stages: [] };
    for (const patch of [{ isComplete: true }, { status: 'ON_HOLD' }, { stage: stageOf(OTHER, 2) }] as const) {
      const applied = applyPatch(inStage(SENT), patch, tick(), me, ['patch'], [gone, OTHER]);
      expect(applied.ok || applied.refusals.map(({ code, path }) => `${code} ${path}`)).toEqual(['CONFLICT patch']);
    }
    const out = applyPatch(inStage(SENT), { pipeline: null }, tick(), me, ['patch'], [gone]);
    expect(out).toMatchObject({ ok: true, state: { pipeline: null, status: 'PENDING' } });
  });

  it('a pipeline for tasks of other kinds', () => {
    const call: TaskState = { ...blankTask, kind: 'MISSED_CALL' };
    expect(refused(call, { pipeline: WITH, stage: SENT })).toEqual([
      'NOT_ALLOWED patch.pipelineId',
      'NOT_ALLOWED patch.stageId',
    ]);
  });
});

it('a task whose pipeline is not at hand is not quietly taken out of it', () => {
  expect(() => applyPatch(inStage(SENT), { isComplete: true }, tick(), me, [])).toThrow(/not at hand/);
});

describe('out of the bin', () => {
  const gone = (stage: StageFacts) => ({ ...WITH, stages: WITH.stages.filter(({ id }) => id !== stage.id) });

  it('a task comes back to its place', () => {
    for (const task of [inStage(SENT), inStage(DONE), blankTask]) expect(returned(task, BOARDS)).toEqual(task);
  });

  it('a task whose stage is gone comes to the default one, a complete one to the won one', () => {
    expect(returnTo({ pipelineId: 1n, stageId: SENT.id, status: 'PENDING' }, [gone(SENT)])).toBe(DRAFT);
    expect(returnTo({ pipelineId: 1n, stageId: SENT.id, status: 'COMPLETED' }, [gone(SENT)])).toBe(DONE);
  });

  it('a task whose stage has become the won one, or is it no longer, comes to where it belongs', () => {
    expect(returnTo({ pipelineId: 1n, stageId: DONE.id, status: 'ON_HOLD' }, BOARDS)).toBe(DRAFT);
    expect(returnTo({ pipelineId: 1n, stageId: SENT.id, status: 'COMPLETED' }, BOARDS)).toBe(DONE);
  });

  it('a task whose pipeline is gone is in none', () => {
    expect(returned(inStage(SENT), [OTHER])).toMatchObject({ pipeline: null, stage: null, position: null });
  });
});

describe('whatever is asked, one thing after the other,', () => {
  const status = fc.constantFrom(...STATUSES);
  const stage = fc.constantFrom(...BOARDS.flatMap(({ stages }) => stages));
  const asked: fc.Arbitrary<TaskPatch> = fc.oneof(
    fc.record(
      {
        status,
        isComplete: fc.boolean(),
        pipeline: fc.option(fc.constantFrom(...BOARDS)),
        stage: fc.option(stage),
        outcome: fc.constant('Sold.'),
      },
      { requiredKeys: [] },
    ),
    stage.map((to) => ({ stage: to })),
    fc.constantFrom<TaskPatch>({ isComplete: true }, { isComplete: false }, { reopens: true }),
  );
  const start = fc.tuple(status, fc.option(stage)).map(([first, at]): TaskState => {
    const created = applyPatch(blankTask, { ...(at ? { stage: at } : { status: first }) }, tick(), me, [], BOARDS);
    return created.ok ? withPlace(created.state) : blankTask;
  });
  const wonOf = (state: TaskState) =>
    BOARDS.find(({ id }) => id === state.pipeline?.id)?.stages.find(({ isWon }) => isWon);

  function holds(before: TaskState, given: TaskPatch, after: TaskState) {
    const complete = after.status === 'COMPLETED';
    const won = wonOf(after);
    if (won) expect(complete, 'complete exactly in the won stage').toBe(after.stage?.id === won.id);
    expect([after.completedAt !== null, after.completedBy !== null], 'when and by whom').toEqual([complete, complete]);
    expect([after.pipeline, after.stage, after.position].filter((each) => each === null).length % 3).toBe(0);
    if (after.stage)
      expect(BOARDS.flatMap(({ stages }) => stages).find(({ id }) => id === after.stage?.id)?.pipelineId).toBe(
        after.pipeline?.id,
      );
    if (!complete) expect([after.statusBefore, after.outcome]).toEqual([null, null]);
    if (after.stageBeforeId !== null) {
      expect(after.stage?.id).toBe(won?.id);
      const own = BOARDS.find(({ id }) => id === after.pipeline?.id)?.stages ?? [];
      expect(own.map(({ id }) => id)).toContain(after.stageBeforeId);
    }
    const was = before.status === 'COMPLETED';
    if (was && complete) expect([after.completedAt, after.outcome]).toEqual([before.completedAt, before.outcome]);
    // What was asked for is so.
    if (given.isComplete !== undefined) expect(complete).toBe(given.isComplete);
    if (given.status !== undefined) expect(after.status).toBe(given.status);
    if (given.stage !== undefined) expect(after.stage?.id ?? null).toBe(given.stage?.id ?? null);
    if (given.pipeline !== undefined) expect(after.pipeline?.id ?? null).toBe(given.pipeline?.id ?? null);
    // Restored is what it was before, if that was open.
    const restores = was && !complete && given.status === undefined;
    const open = before.statusBefore === 'IN_PROGRESS' || before.statusBefore === 'ON_HOLD';
    if (restores) expect(after.status).toBe(open ? before.statusBefore : 'PENDING');
    // Asked again, it changes nothing.
    expect(withPlace(ask(after, given))).toEqual(after);
  }

  it('a task is complete exactly in the won stage, is what was asked for, and gets back what it had', () => {
    let granted = 0;
    let completed = 0;
    fc.assert(
      fc.property(start, fc.array(asked, { minLength: 1, maxLength: 12 }), (first, sequence) => {
        let at = first;
        for (const given of sequence) {
          const applied = applyPatch(at, given, tick(), me, [], BOARDS);
          if (!applied.ok) continue;
          const next = withPlace(applied.state);
          holds(at, given, next);
          granted += 1;
          if (next.status === 'COMPLETED' && at.status !== 'COMPLETED') completed += 1;
          at = next;
        }
      }),
      { numRuns: 3_000 },
    );
    expect(granted).toBeGreaterThan(5_000);
    expect(completed).toBeGreaterThan(1_000);
  });
});
