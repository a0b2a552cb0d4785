import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../../src/auth/policy.ts';
import { statementsOf } from './asked.ts';
import { useWorld } from './world.ts';
import { granted, writesOf } from './writes.ts';

// What each mutation asks of the database, statement by statement, from BEGIN to what it answers with.

const world = useWorld();
const statements = (query: string, variables: object) => statementsOf(world(), query, variables);
let account: string;
let task: string;
let spare: string[];

beforeAll(async () => {
  account = (await world().record('ACCOUNT')).key;
  const admin = writesOf(world(), world().admin);
  const create = async () => granted(await admin.create({ title: 'Call', accountId: account })).id;
  task = await create();
  spare = [await create(), await create()];
});

describe('a mutation takes', () => {
  const commit = (...between: string[]) => ['BEGIN', ...between, 'event.append', 'COMMIT'];
  const [NEW, CHANGED] = ['INSERT task', 'UPDATE task'];
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
      [...commit('task.lock', CHANGED), 'task.byUids'],
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: task, patch: { title: 'Write' } } }),
      ['BEGIN', 'task.lock', 'COMMIT'],
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: task, patch: { title: '' } } }),
      ['BEGIN', 'task.lock', 'ROLLBACK'],
    ],
    [
      'updateTask',
      'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: task, patch: { assigneeId: world().admin.userId, linkedRecordId: account, title: 'Both' } } }),
      commit('organization.assignee', 'account.lock', 'task.lock', CHANGED),
    ],
    [
      'completeTask',
      'mutation ($i: CompleteTaskInput!) { completeTask(input: $i) { task { id } followUp { id } } }',
      () => ({ i: { id: spare[0], followUp: task1() } }),
      [...commit('account.lock', 'task.lock', CHANGED, NEW), 'task.byUids'],
    ],
    [
      'completeTask',
      'mutation ($i: CompleteTaskInput!) { completeTask(input: $i) { errors { code } } }',
      () => ({ i: { id: spare[0] } }),
      ['BEGIN', 'task.lock', 'COMMIT'],
    ],
    [
      'deleteTask',
      'mutation ($i: DeleteTaskInput!) { deleteTask(input: $i) { task { id } } }',
      () => ({ i: { id: spare[1] } }),
      [...commit('task.lock', 'deletion.next', CHANGED), 'task.byUids'],
    ],
  ];
  it.each(cases)('%s: %s', async (_field, query, variables, expected) => {
    expect(await statements(query, variables())).toEqual(expected);
  });
  const KEYS = ['createApiKey', 'revokeApiKey'];

  it('and is here for every mutation of these rooms that there is', () => {
    const fields = Object.keys(POLICY).flatMap((field) =>
      field.startsWith('Mutation.') ? field.slice('Mutation.'.length) : [],
    );
    // Those of records stand in test/record/statements.test.ts.
    const others = fields.filter((field) => !/^(?!createAccount).*(Account|Contact|Lead|Opportunity)$/.test(field));
    expect([...new Set(cases.map(([field]) => field)), ...KEYS].toSorted()).toEqual(others.toSorted());
  });

  it('nothing at all of a task when the input is refused before', async () => {
    const junk = 'mutation ($i: UpdateTaskInput!) { updateTask(input: $i) { errors { code } } }';
    expect(await statements(junk, { i: { id: task, patch: { title: null } } })).toEqual([]);
    expect(await statements(junk, { i: { id: 'junk', patch: {} } })).toEqual(['BEGIN', 'ROLLBACK']);
  });
});
