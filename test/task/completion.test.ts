import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch, blankTask, type TaskPatch, type TaskState } from '../../src/task/rules.ts';
import { kind, patch, person } from './arbitrary.ts';

const me = { id: 9n, uid: '9'.repeat(26) };
const NOW = new Date('2026-02-01T10:00:00Z');
const done = (state: TaskState, given: TaskPatch, now = NOW, by = me): TaskState => {
  const applied = applyPatch(state, given, now, by, []);
  if (!applied.ok) throw new Error(applied.refusals.map(({ message }) => message).join());
  return applied.state;
};
const at = (status: TaskState['status']) => done(blankTask, { status });

/** A task's life: what is asked of it one after the other, by whom. The clock goes on by a minute each time. */
const life = fc.record({ kind, steps: fc.array(fc.tuple(patch, person), { minLength: 1, maxLength: 12 }) });

/** Lives a life, with every step that was accepted: before, after, and what was asked. */
function live({ kind: of, steps }: { kind: TaskState['kind']; steps: [TaskPatch, typeof me][] }) {
  let state: TaskState = { ...blankTask, kind: of };
  return steps.flatMap(([given, by], index) => {
    const now = new Date(NOW.getTime() + index * 60_000);
    const applied = applyPatch(state, given, now, by, []);
    if (!applied.ok) return [];
    const before = state;
    state = applied.state;
    return [{ before, after: state, given, now, by }];
  });
}

const always = (
  holds: (step: ReturnType<typeof live>[number], lived: ReturnType<typeof live>, index: number) => void,
) =>
  fc.assert(
    fc.property(life, (given) => {
      const lived = live(given);
      lived.forEach((step, index) => {
        holds(step, lived, index);
      });
    }),
    { numRuns: 500 },
  );

const turned = ({ before, after }: { before: TaskState; after: TaskState }) => [
  before.status === 'COMPLETED',
  after.status === 'COMPLETED',
];

describe('whatever is asked of a task, one after the other', () => {
  it('COMPLETED goes with when and by whom, and nothing else does [PARSA-22]', () => {
    always(({ after }) => {
      const complete = after.status === 'COMPLETED';
      expect([after.completedAt !== null, after.completedBy !== null]).toEqual([complete, complete]);
    });
  });

  it('completing says now and by whom, and takes what came of it', () => {
    always((step) => {
      if (String(turned(step)) !== 'false,true') return;
      const { after, given, now, by } = step;
      expect(after).toMatchObject({ completedAt: now, completedBy: by, outcome: given.outcome || null });
    });
  });

  it('a complete task stays completed when it was, by whom, and with what came of it', () => {
    always((step) => {
      if (String(turned(step)) !== 'true,true') return;
      const { completedAt, completedBy, statusBefore, outcome } = step.before;
      expect(step.after).toMatchObject({ completedAt, completedBy, statusBefore, outcome });
    });
  });

  it('reopening with isComplete: false restores the status before completion if that was open, else PENDING', () => {
    always((step, lived, index) => {
      if (String(turned(step)) !== 'true,false' || step.given.status !== undefined) return;
      const completion = lived.slice(0, index).findLast((earlier) => String(turned(earlier)) === 'false,true');
      const status = completion?.before.status;
      expect(step.after.status).toBe(status === 'CANCELLED' ? 'PENDING' : status);
    });
  });

  it('what is not complete has no outcome and nothing to restore', () => {
    always(({ after: { status, outcome, statusBefore } }) => {
      if (status !== 'COMPLETED') expect({ outcome, statusBefore }).toEqual({ outcome: null, statusBefore: null });
    });
  });

  it('a status that is asked for is the status', () => {
    always(({ after, given }) => {
      if (given.status !== undefined) expect(after.status).toBe(given.status);
      if (given.isComplete !== undefined) expect(after.status === 'COMPLETED').toBe(given.isComplete);
      if (given.status === undefined && given.isComplete === undefined) expect(after.status).toBe(after.status);
    });
  });

  it('what is not asked for stays as it is', () => {
    always(({ before, after, given }) => {
      const asked = new Set<string>(Object.keys(given));
      const completion = ['status', 'completedAt', 'completedBy', 'statusBefore', 'outcome'];
      if (asked.has('status') || asked.has('isComplete')) for (const field of completion) asked.add(field);
      for (const field of Object.keys(before) as (keyof TaskState)[]) {
        if (!asked.has(field)) expect(after[field], field).toEqual(before[field]);
      }
    });
  });

  it('asked for the same again, nothing changes', () => {
    always(({ after, given }) => {
      expect(done(after, given, new Date('2027-01-01T00:00:00Z'), { id: 1n, uid: 'x' })).toEqual(after);
    });
  });

  it('a contradiction is refused at isComplete, and nothing else is on a task of kind LEAD', () => {
    fc.assert(
      fc.property(patch, fc.constantFrom('PENDING', 'ON_HOLD', 'COMPLETED', 'CANCELLED'), (given, status) => {
        const applied = applyPatch(at(status), given, NOW, me, ['patch']);
        const { status: wanted, isComplete } = given;
        const contradicts = wanted !== undefined && isComplete !== undefined && (wanted === 'COMPLETED') !== isComplete;
        expect(applied.ok).toBe(!contradicts);
        if (!applied.ok) expect(applied.refusals).toMatchObject([{ code: 'INVALID', path: ['patch', 'isComplete'] }]);
      }),
    );
  });
});

describe('the one door', () => {
  it.each(['PENDING', 'IN_PROGRESS', 'ON_HOLD'] as const)(
    'a task that was %s is that again when it is reopened',
    (status) => {
      expect(done(done(at(status), { isComplete: true }), { isComplete: false }).status).toBe(status);
    },
  );

  it('a cancelled task that was completed is PENDING when it is reopened', () => {
    expect(done(done(at('CANCELLED'), { status: 'COMPLETED' }), { isComplete: false }).status).toBe('PENDING');
  });

  it('what was created complete is PENDING when it is reopened', () => {
    expect(done(at('COMPLETED'), { isComplete: false }).status).toBe('PENDING');
  });

  it('cancelling a complete task takes its completion away', () => {
    const { completedAt, completedBy, outcome } = done(done(blankTask, { isComplete: true, outcome: 'Sold.' }), {
      status: 'CANCELLED',
    });
    expect([completedAt, completedBy, outcome]).toEqual([null, null, null]);
  });

  it('isComplete: false leaves a cancelled task cancelled', () => {
    expect(done(at('CANCELLED'), { isComplete: false }).status).toBe('CANCELLED');
  });

  it('an outcome without a completion is dropped', () => {
    expect(done(blankTask, { outcome: 'Sold.' }).outcome).toBeNull();
  });
});
