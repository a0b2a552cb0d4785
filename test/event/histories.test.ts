import { expect, it } from 'vitest';
import { useGateway } from '../support/gateway.ts';

const gateway = useGateway();
const CREATE = 'mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }';
const UPDATE = 'mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } } }';

interface Created {
  createTask: { task: { id: string } };
}
interface Listed {
  tasks: { nodes: { id: string; history: { totalCount: number; nodes: { id: string; kind: string }[] } }[] };
}

it('histories below a list take one statement, and their counts another, however many tasks', async () => {
  const organization = await gateway().organization('Histories');
  const ada = await gateway().member(organization, { email: 'ada@histories.example' });
  const account = await gateway().ask<{ createAccount: { account: { id: string } } }, object>(
    ada,
    'mutation { createAccount(input: { name: "Acme" }) { account { id } } }',
  );
  const ids: string[] = [];
  for (let index = 0; index < 30; index += 1) {
    const input = { title: `Task ${index}`, accountId: account.createAccount.account.id };
    const { createTask } = await gateway().ask<Created, object>(ada, CREATE, { input });
    ids.push(createTask.task.id);
  }
  await gateway().ask(ada, UPDATE, { input: { id: ids[7], patch: { title: 'Another title' } } });

  const list = (first: number) =>
    `{ tasks(first: ${first}) { nodes { id history(first: 1) { totalCount nodes { id kind } } } } }`;
  const statements = async (first: number) =>
    (await gateway().statementsOf(() => gateway().ask(ada, list(first))))
      .filter((name) => !name.startsWith('auth.'))
      .sort();
  expect(await statements(1)).toEqual(['event.histories', 'event.historyCounts', 'task.list']);
  expect(await statements(30)).toEqual(await statements(1));

  const { tasks } = await gateway().ask<Listed, object>(ada, list(30));
  const told = new Map(tasks.nodes.map(({ id, history }) => [id, [history.totalCount, history.nodes[0]?.kind]]));
  expect(told.get(ids[7] as string)).toEqual([2, 'TASK_UPDATED']);
  expect(told.get(ids[8] as string)).toEqual([1, 'TASK_CREATED']);

  const events = tasks.nodes.map(({ history }) => history.nodes[0]?.id);
  const nodes = '($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';
  let found: { nodes: { id: string }[] } | undefined;
  const asked = await gateway().statementsOf(async () => {
    found = await gateway().ask<{ nodes: { id: string }[] }, object>(ada, `query ${nodes}`, { ids: events });
  });
  expect(asked.filter((name) => !name.startsWith('auth.'))).toEqual(['event.bySeqs']);
  expect(found?.nodes.map(({ id }) => id)).toEqual(events);
});
