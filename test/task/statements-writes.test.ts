import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../../src/auth/policy.ts';
import { type KnownPipeline, plantCards, plantPipeline } from '../pipeline/board.ts';
import { statementsOf } from './asked.ts';
import { useWorld } from './world.ts';
import { granted, writesOf } from './writes.ts';

// What each mutation asks of the database, statement by statement, from BEGIN to what it answers with.

const world = useWorld();
const statements = (query: string, variables: object) => statementsOf(world(), query, variables);
let account: string;
let task: string;
let spare: string[];
let pipeline: KnownPipeline;
let [card, other, binned] = ['', '', ''];

beforeAll(async () => {
  account = (await world().record('ACCOUNT')).key;
  const admin = writesOf(world(), world().admin);
  const create = async () => granted(await admin.create({ title: 'Call', accountId: account })).id;
  task = await create();
  spare = [await create(), await create()];
  pipeline = await plantPipeline(world());
  [card, other, binned] = (await plantCards(world(), pipeline.stages[1], 3, account)) as [string, string, string];
  granted(await admin.remove(binned));
});

describe('a mutation takes', () => {
  const commit = (...between: string[]) => ['BEGIN', ...between, 'event.append', 'COMMIT'];
  const [NEW, CHANGED] = ['INSERT task', 'UPDATE task'];
  // Who is told that it is complete.
  const TOLD = 'task.onlookers';
  // What is asked in case that something follows from it.
  const FOLLOWS = 'reminder.standing';
  // Asked when whether a task is open, or in the bin, turns: who waits for it?
  const WAITING = 'blocker.dependants';
  const BOARD = ['pipeline.hold', 'stage.ofPipelines'];
  const task1 = () => ({ title: 'Call', accountId: account });
  const cases: [field: string, string, () => object, string[]][] = [
    [
      'createAccount',
      'mutation { createAccount(input: { name: "Acme" }) { account { name } } }',
      () => ({}),
      [...commit('INSERT account'), 'account.byUids'],
    ],
    [
      'createTask',
      'mutation ($i: CreateTaskInput!) { createTask(input: $i) { task { id } } }',
      () => ({ i: task1() }),
      [...commit('account.lock', NEW), 'task.byUids'],
    ],
    [
      'createTask',
      'mutation ($i: CreateTaskInput!) { createTask(input: $i) { errors { code } } }',
      () => ({ i: { ...task1(), assigneeId: world().member.userId } }),
      commit('organization.assignee', 'account.lock', NEW),
    ],
    [
      'createTask',
      'mutation ($i: CreateTaskInput!) { createTask(input: $i) { errors { code } } }',
      () => ({ i: { ...task1(), title: '' } }),
      ['BEGIN', 'account.lock', 'ROLLBACK'],
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { task { id } } }',
      () => ({ i: { id: task, patch: { title: 'Write' } } }),
      [...commit('task.lock', 'task.names', CHANGED), 'task.byUids'],
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: task, patch: { title: 'Write' } } }),
      ['BEGIN', 'task.lock', 'task.names', 'COMMIT'],
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: task, patch: { title: '' } } }),
      ['BEGIN', 'task.lock', 'task.names', 'ROLLBACK'],
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: task, patch: { assigneeId: world().admin.userId, linkedRecordId: account, title: 'Both' } } }),
      commit('organization.assignee', 'account.lock', 'task.lock', 'task.names', CHANGED, FOLLOWS),
    ],
    [
      'completeTask',
      'mutation ($i: CompleteTaskInput!) { completeTask(input: $i) { task { id } followUp { id } } }',
      () => ({ i: { id: spare[0], followUp: task1() } }),
      [
        ...commit('task.glimpse', 'account.lock', 'task.lock', 'task.names', CHANGED, NEW, WAITING, TOLD, FOLLOWS),
        'task.byUids',
      ],
    ],
    [
      'completeTask',
      'mutation ($i: CompleteTaskInput!) { completeTask(input: $i) { errors { code } } }',
      () => ({ i: { id: spare[0] } }),
      ['BEGIN', 'task.glimpse', 'task.lock', 'task.names', 'COMMIT'],
    ],
    [
      'deleteTask',
      'mutation ($i: DeleteTaskInput!) { deleteTask(input: $i) { task { id } } }',
      () => ({ i: { id: spare[1] } }),
      [...commit('task.lock', 'task.names', 'deletion.next', CHANGED, WAITING), 'task.byUids'],
    ],
    [
      'createPipeline',
      'mutation ($i: CreatePipelineInput!) { createPipeline(input: $i) { pipeline { name stages { name } } } }',
      () => ({ i: { name: 'x', stages: [{ name: 'a', color: '#000000', isDefault: true }] } }),
      [...commit('INSERT pipeline', 'INSERT stage'), 'pipeline.byUids', 'stage.ofPipelines'],
    ],
    [
      'createTask',
      'mutation ($i: CreateTaskInput!) { createTask(input: $i) { errors { code } } }',
      () => ({ i: { ...task1(), pipelineId: pipeline.id } }),
      commit('account.lock', ...BOARD, 'stage.lock', 'task.lastPlaces', NEW),
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: card, patch: { isComplete: true } } }),
      commit(
        'task.glimpse',
        ...BOARD,
        'stage.lock',
        'task.lock',
        'task.names',
        'task.lastPlaces',
        CHANGED,
        WAITING,
        TOLD,
        FOLLOWS,
      ),
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: card, patch: { isComplete: true } } }),
      ['BEGIN', 'task.glimpse', ...BOARD, 'task.lock', 'task.names', 'COMMIT'],
    ],
    [
      'reopenTask',
      'mutation ($i: ReopenTaskInput!) { reopenTask(input: $i) { task { id } } }',
      () => ({ i: { id: card } }),
      [
        ...commit(
          'task.glimpse',
          ...BOARD,
          'stage.lock',
          'task.lock',
          'task.names',
          'task.lastPlaces',
          CHANGED,
          WAITING,
          FOLLOWS,
        ),
        'task.byUids',
      ],
    ],
    [
      'moveTask',
      'mutation ($i: MoveTaskInput!) { moveTask(input: $i) { task { stage { name pipeline { name } } } } }',
      () => ({ i: { id: card, stageId: pipeline.stages[1], afterTaskId: null } }),
      [
        ...commit('task.glimpse', ...BOARD, 'stage.lock', 'task.lock', 'task.names', 'task.placesBehind', CHANGED),
        'task.byUids',
        'stage.byIds',
        'pipeline.byIds',
      ],
    ],
    [
      'moveTask',
      'mutation ($i: MoveTaskInput!) { moveTask(input: $i) { errors { code } } }',
      () => ({ i: { id: card, stageId: pipeline.stages[3], afterTaskId: other } }),
      ['BEGIN', 'task.glimpse', ...BOARD, 'stage.lock', 'task.lock', 'task.names', 'task.card', 'ROLLBACK'],
    ],
    [
      'moveTask',
      'mutation ($i: MoveTaskInput!) { moveTask(input: $i) { errors { code } } }',
      () => ({ i: { id: other, stageId: pipeline.stages[1], afterTaskId: card } }),
      [
        'BEGIN',
        'task.glimpse',
        ...BOARD,
        'stage.lock',
        'task.lock',
        'task.names',
        'task.card',
        'task.placesBehind',
        'COMMIT',
      ],
    ],
    [
      'restoreTask',
      'mutation ($i: RestoreTaskInput!) { restoreTask(input: $i) { task { id } } }',
      () => ({ i: { id: binned } }),
      [
        ...commit('task.glimpse', 'account.lock', ...BOARD, 'task.lock', 'task.names', CHANGED, WAITING, FOLLOWS),
        'task.byUids',
      ],
    ],
  ];
  it.each(cases)('%s: %s', async (_field, query, variables, expected) => {
    expect(await statements(query, variables())).toEqual(expected);
  });
  // In test/task/bulk/statements.test.ts.
  const BULK = ['bulkUpdateTasks'];
  const KEYS = ['createApiKey', 'revokeApiKey'];
  // In test/activity/statements.test.ts.
  const ACTIVITIES = ['createActivity', 'updateActivity', 'deleteActivity', 'restoreActivity'];
  // In test/comment/statements.test.ts.
  const TALK = ['addComment', 'watchTask', 'unwatchTask', 'escalateTask', 'completeActivity', 'removeAttachment'];
  // In test/task/reminder/statements.test.ts.
  const REMINDERS = ['setReminders'];
  // In test/activity/recorded/statements.test.ts.
  const RECORDINGS = ['recordCall', 'recordEmail', 'recordSms'];
  // In test/pipeline/change.test.ts and deletion.test.ts.
  const PIPELINES = ['updatePipeline', 'deletePipeline', 'addStage', 'updateStage', 'reorderStages', 'deleteStage'];

  // In test/task/blockers/blockers.test.ts.
  const BLOCKERS = ['addBlocker', 'removeBlocker'];
  // In test/notification/read.test.ts and test/organization/{profile,settings}.test.ts.
  const OWN = ['markNotificationsRead', 'updateViewer', 'updateOrganization'];

  it('and is here for every mutation of these rooms that there is', () => {
    const fields = Object.keys(POLICY).flatMap((field) =>
      field.startsWith('Mutation.') ? field.slice('Mutation.'.length) : [],
    );
    // Those of records stand in test/record/statements.test.ts.
    const others = fields.filter((field) => !/^(?!createAccount).*(Account|Contact|Lead|Opportunity)$/.test(field));
    expect(
      [
        ...new Set(cases.map(([field]) => field)),
        ...KEYS,
        ...BULK,
        ...ACTIVITIES,
        ...TALK,
        ...REMINDERS,
        ...RECORDINGS,
        ...PIPELINES,
        ...BLOCKERS,
        ...OWN,
      ].toSorted(),
    ).toEqual(others.toSorted());
  });

  it('nothing at all of a task when the input is refused before', async () => {
    const junk = 'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }';
    expect(await statements(junk, { i: { id: task, patch: { title: null } } })).toEqual([]);
    expect(await statements(junk, { i: { id: 'junk', patch: {} } })).toEqual(['BEGIN', 'ROLLBACK']);
  });
});
