import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewEvent } from '../../src/event/log.ts';
import { taskEvents } from '../../src/task/changes.ts';
import { applyPatch, blankTask, type Ref, type TaskState } from '../../src/task/rules.ts';
import { patch, person, state } from './arbitrary.ts';

const subject = { type: 'TASK', id: 1n, uid: '0'.repeat(26) } as const;
const events = (before: TaskState | null, after: TaskState) => taskEvents(subject, before, after, () => []);
const ORDER = [
  'TASK_CREATED',
  'TAG_ADDED',
  'TASK_UPDATED',
  'TASK_ASSIGNED',
  'TASK_COMPLETED',
  'TASK_REOPENED',
  'TASK_STAGE_CHANGED',
];
const PREFIX = { ACCOUNT: 'acct', CONTACT: 'cont', LEAD: 'lead', OPPORTUNITY: 'opp' } as const;

/** A task in the API's names and values, said again here: what the log's changes must add up to. */
const shown = (task: TaskState): Record<string, unknown> => ({
  title: task.title,
  description: task.description,
  type: task.type,
  category: task.category,
  status: task.status,
  priority: task.priority,
  date: task.date && ('day' in task.date ? task.date.day : new Date(task.date.instant).toISOString()),
  completedAt: task.completedAt?.toISOString() ?? null,
  completedBy: task.completedBy && `user_${task.completedBy.uid}`,
  outcome: task.outcome,
  linkedRecordId: task.link && `${PREFIX[task.link.type]}_${task.link.uid}`,
  activityId: task.activity && `act_${task.activity.uid}`,
  assigneeId: task.assignee && `user_${task.assignee.uid}`,
  pipelineId: task.pipeline && `pipe_${task.pipeline.uid}`,
  stageId: task.stage && `stage_${task.stage.uid}`,
  position: task.position,
  attachmentUrls: task.attachmentUrls,
  tags: task.tags,
});
/** Before it was there, a task had no values and empty lists. */
const nothing = Object.fromEntries(
  Object.entries(shown(blankTask)).map(([field, value]) => [field, Array.isArray(value) ? [] : null]),
);

/** Applies the changes one after the other, as a reader of the log would; each must begin where the last one ended. */
function replay(start: Record<string, unknown>, told: readonly NewEvent[]) {
  const at = structuredClone(start);
  // As they are kept: JSON.
  for (const { changes } of JSON.parse(JSON.stringify(told.map(({ changes: kept }) => ({ changes: kept }))))) {
    for (const { field, from, to } of changes) {
      expect(from ?? (Array.isArray(at[field]) ? [] : null), field).toEqual(at[field]);
      at[field] = to;
    }
  }
  return at;
}

/** A task before and after something was asked of it, or no task before. */
const write = fc
  .record({ before: fc.oneof(state, fc.constant(null)), given: patch, by: person })
  .map(({ before, given, by }) => {
    const applied = applyPatch(before ?? blankTask, given, new Date('2026-02-01T00:00:00Z'), by, []);
    return { before, after: applied.ok ? applied.state : (before ?? blankTask) };
  });
/** States that stand in pipelines, or in none; what leads from one to the other is the door's business. */
const placed = fc
  .tuple(
    state,
    fc.option(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 }), fc.constantFrom('a0', 'a1'))),
  )
  .map(([of, place]): TaskState => {
    const ref = (n: number): Ref => ({ id: BigInt(n), uid: String(n).padStart(26, '0') });
    return place ? { ...of, pipeline: ref(place[0]), stage: ref(place[0] * 10 + place[1]), position: place[2] } : of;
  });
const pair = fc.oneof(write, fc.record({ before: placed, after: placed }));
const always = (holds: (told: NewEvent[], before: TaskState | null, after: TaskState) => void) =>
  fc.assert(
    fc.property(pair, ({ before, after }) => {
      holds(events(before, after), before, after);
    }),
    { numRuns: 500 },
  );

describe('the events of a write, whatever it was', () => {
  it('come in the order of EventKind, TAG_ADDED before TASK_UPDATED, each kind once', () => {
    always((told) => {
      const places = told.map(({ kind }) => ORDER.indexOf(kind));
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      expect(places).not.toContain(-1);
    });
  });

  it('applied to the task before give the task after', () => {
    always((told, before, after) => {
      expect(replay(before ? shown(before) : nothing, told)).toEqual(shown(after));
    });
  });

  it('are none when nothing changed, and otherwise none of them is empty', () => {
    always((told, before) => {
      for (const { kind, changes } of told) if (kind !== 'TASK_CREATED') expect(changes, kind).not.toEqual([]);
      if (before) expect(events(before, before)).toEqual([]);
    });
  });

  it('say a field twice only of tags: those that came, then those that went', () => {
    always((told) => {
      const fields = told
        .flatMap(({ changes }) => changes.map(({ field }) => field))
        .filter((field) => field !== 'tags');
      expect(new Set(fields).size).toBe(fields.length);
      for (const { kind, changes } of told.filter(({ kind: one }) => one === 'TAG_ADDED')) {
        expect(kind).toBe('TAG_ADDED');
        const [change] = changes;
        const [from, to] = [change?.from, change?.to] as [string[], string[]];
        expect(to.slice(0, from.length)).toEqual(from);
        expect(to.length).toBeGreaterThan(from.length);
      }
    });
  });

  it('hold each its own part', () => {
    const own = {
      TAG_ADDED: ['tags'],
      TASK_ASSIGNED: ['assigneeId'],
      TASK_COMPLETED: ['status', 'completedAt', 'completedBy', 'outcome'],
      TASK_REOPENED: ['status', 'completedAt', 'completedBy', 'outcome'],
      TASK_STAGE_CHANGED: ['pipelineId', 'stageId', 'position'],
    };
    always((told) => {
      for (const [kind, allowed] of Object.entries(own)) {
        const fields = told.find((event) => event.kind === kind)?.changes.map(({ field }) => field) ?? [];
        expect(fields.filter((field) => !allowed.includes(field))).toEqual([]);
      }
      const updated = told.find(({ kind }) => kind === 'TASK_UPDATED')?.changes.map(({ field }) => field) ?? [];
      expect(updated).not.toContain('assigneeId');
    });
  });

  it('are completed or reopened exactly when it was', () => {
    always((told, before, after) => {
      const kinds = told.map(({ kind }) => kind);
      const [was, is] = [before?.status === 'COMPLETED', after.status === 'COMPLETED'];
      expect(kinds.includes('TASK_COMPLETED')).toBe(!was && is);
      expect(kinds.includes('TASK_REOPENED')).toBe(was && !is);
      expect(kinds.includes('TASK_CREATED')).toBe(before === null);
    });
  });
});

describe('the events', () => {
  const kinds = (before: TaskState | null, after: TaskState) => events(before, after).map(({ kind }) => kind);
  const someone = { id: 2n, uid: '2'.repeat(26) };

  it('of everything at once are five', () => {
    const after: TaskState = {
      ...blankTask,
      title: 'Call',
      tags: ['new'],
      assignee: someone,
      status: 'COMPLETED',
      completedAt: new Date(0),
      completedBy: someone,
    };
    expect(kinds({ ...blankTask, tags: ['old'] }, after)).toEqual([
      'TAG_ADDED',
      'TASK_UPDATED',
      'TASK_ASSIGNED',
      'TASK_COMPLETED',
    ]);
    expect(kinds(null, after)).toEqual(['TASK_CREATED', 'TAG_ADDED', 'TASK_ASSIGNED', 'TASK_COMPLETED']);
  });

  it('of a tag that came in place of another tell the two apart', () => {
    expect(events({ ...blankTask, tags: ['a', 'b'] }, { ...blankTask, tags: ['b', 'c'] })).toMatchObject([
      { kind: 'TAG_ADDED', changes: [{ field: 'tags', from: ['a', 'b'], to: ['a', 'b', 'c'] }] },
      { kind: 'TASK_UPDATED', changes: [{ field: 'tags', from: ['a', 'b', 'c'], to: ['b', 'c'] }] },
    ]);
  });

  it('of a tag that was only added are that alone', () => {
    expect(kinds({ ...blankTask, tags: ['a'] }, { ...blankTask, tags: ['a', 'b'] })).toEqual(['TAG_ADDED']);
  });

  it('of tags in another order are an update', () => {
    expect(kinds({ ...blankTask, tags: ['a', 'b'] }, { ...blankTask, tags: ['b', 'a'] })).toEqual(['TASK_UPDATED']);
  });

  it('of a status that is not about completion are an update', () => {
    expect(kinds(blankTask, { ...blankTask, status: 'ON_HOLD' })).toEqual(['TASK_UPDATED']);
  });

  it('of an assignee who was taken away is an assignment to nobody', () => {
    expect(events({ ...blankTask, assignee: someone }, blankTask)).toMatchObject([
      { kind: 'TASK_ASSIGNED', changes: [{ field: 'assigneeId', to: null }] },
    ]);
  });

  it('of derived links tell what changed by itself, and nothing where the link says it', () => {
    const link = { type: 'CONTACT', id: 5n, uid: '5'.repeat(26), accountId: 1n, leadId: null } as const;
    const before: TaskState = { ...blankTask, link: { ...link, accountUid: '1'.repeat(26) } };
    const moved: TaskState = { ...blankTask, link: { ...link, accountId: 2n, accountUid: '2'.repeat(26) } };
    expect(events(before, moved)).toMatchObject([
      {
        kind: 'TASK_UPDATED',
        changes: [{ field: 'accountId', from: `acct_${'1'.repeat(26)}`, to: `acct_${'2'.repeat(26)}` }],
      },
    ]);
    const other: TaskState = { ...moved, link: { ...link, id: 6n, uid: '6'.repeat(26), accountId: 2n } };
    expect(events(before, other).map(({ changes }) => changes.map(({ field }) => field))).toEqual([['linkedRecordId']]);
    expect(events(before, blankTask).flatMap(({ changes }) => changes.map(({ field }) => field))).toEqual([
      'linkedRecordId',
    ]);
  });

  it('of a place within the stage are an update, of a stage a change of stage', () => {
    const [pipeline, a, b] = ['7', '8', '9'].map((n) => ({ id: BigInt(n), uid: n.repeat(26) }));
    const before: TaskState = { ...blankTask, pipeline: pipeline as Ref, stage: a as Ref, position: 'a0' };
    expect(events(before, { ...before, position: 'a1' })).toMatchObject([
      { kind: 'TASK_UPDATED', changes: [{ field: 'position', from: 'a0', to: 'a1' }] },
    ]);
    expect(events(before, { ...before, stage: b as Ref })).toMatchObject([
      { kind: 'TASK_STAGE_CHANGED', changes: [{ field: 'stageId' }] },
    ]);
    expect(kinds(null, before)).toEqual(['TASK_CREATED', 'TASK_STAGE_CHANGED']);
  });

  it('carry what their kind tells whom', () => {
    const told = taskEvents(subject, null, { ...blankTask, assignee: someone }, (kind) =>
      kind === 'TASK_ASSIGNED' ? [{ userId: 2n, kind }] : [],
    );
    expect(told.map(({ kind, notify }) => [kind, notify?.length])).toEqual([
      ['TASK_CREATED', 0],
      ['TASK_ASSIGNED', 1],
    ]);
  });
});
