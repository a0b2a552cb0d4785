import { expect, it } from 'vitest';
import { useGateway } from '../support/gateway.ts';

// The clock may be behind what another process wrote.
const clock = { now: new Date('2026-03-01T12:00:00Z') };
const gateway = useGateway({ now: () => clock.now });
const ask = <Data>(caller: Parameters<ReturnType<typeof gateway>['ask']>[0], query: string, variables?: object) =>
  gateway().ask<Data, object>(caller, query, variables);

interface Told {
  task: { updatedAt: string; version: number; history: { nodes: { at: string; kind: string }[] } };
}

it('a newer version is never dated before an older one, whatever the clock says', async () => {
  const ada = await gateway().member(await gateway().organization('Clocks'), { email: 'ada@clocks.example' });
  const { createAccount } = await ask<{ createAccount: { account: { id: string } } }>(
    ada,
    'mutation { createAccount(input: { name: "Acme" }) { account { id } } }',
  );
  const { createTask } = await ask<{ createTask: { task: { id: string } } }>(
    ada,
    'mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }',
    { input: { title: 'A task', accountId: createAccount.account.id } },
  );
  const { id } = createTask.task;
  clock.now = new Date('2026-03-01T11:59:59Z');
  const update = 'mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { errors { message } } }';
  await ask(ada, update, { input: { id, patch: { title: 'Renamed' } } });
  await ask(ada, 'mutation ($id: ID!) { completeTask(input: { id: $id }) { errors { message } } }', { id });
  const { task } = await ask<Told>(
    ada,
    'query ($id: ID!) { task(id: $id) { updatedAt version history { nodes { at kind } } } }',
    { id },
  );
  expect(task.version).toBe(3);
  expect(task.updatedAt).toBe('2026-03-01T12:00:00.000Z');
  expect(task.history.nodes.map(({ at }) => at)).toEqual(Array(3).fill('2026-03-01T12:00:00.000Z'));
});

it('the first and the last day that a date can be are kept, and no other', async () => {
  const organization = await gateway().organization('Ends', 'Asia/Tokyo');
  const west = await gateway().organization('Western ends', 'America/Los_Angeles');
  for (const [index, of] of [organization, west].entries()) {
    const ada = await gateway().member(of, { email: `ada${index}@ends.example` });
    const account = await ask<{ createAccount: { account: { id: string } } }>(
      ada,
      'mutation { createAccount(input: { name: "Acme" }) { account { id } } }',
    );
    const create = (date: string) =>
      gateway().send<{ createTask: { task: { date: string } } }, object>(
        ada,
        'mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { date } errors { message } } }',
        { input: { title: 'A task', date, accountId: account.createAccount.account.id } },
      );
    for (const date of ['0001-01-02', '9999-12-30']) {
      expect((await create(date)).data?.createTask.task.date).toBe(date);
    }
    for (const date of ['0001-01-01', '9999-12-31']) {
      expect((await create(date)).errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    }
  }
});
