import { beforeAll, expect, it } from 'vitest';
import type { Caller } from '../support/gateway.ts';
import { type Known, useWorld } from './world.ts';

// A person's day: what is on their desk, what comes, what is done.

let clock = '2026-03-28T22:59:59.999Z';
const world = useWorld({ now: () => new Date(clock) }, 'Europe/Paris');
let max: Caller;
let account: Known;

beforeAll(async () => {
  max = world().member;
  account = await world().record('ACCOUNT');
});

async function create(title: string, date: string | null): Promise<string> {
  const input = { title, date, accountId: account.key, assigneeId: max.userId };
  const query = 'mutation ($i: CreateTaskInput!) { createTask(input: $i) { task { id } } }';
  const { createTask } = await world().gateway.ask<{ createTask: { task: { id: string } } }, object>(
    world().admin,
    query,
    { i: input },
  );
  return createTask.task.id;
}

const DESK = `{
  inbox: tasks(view: INBOX, filter: { assignee: { isMe: true } }) { nodes { title } }
  future: tasks(view: FUTURE, filter: { assignee: { isMe: true } }) { nodes { title } }
  archive: tasks(view: ARCHIVE, filter: { assignee: { isMe: true } }) { nodes { title } }
  all: tasks(filter: { assignee: { isMe: true } }) { nodes { title } }
}`;
type Desk = Record<'inbox' | 'future' | 'archive' | 'all', { nodes: { title: string }[] }>;
async function desk(): Promise<Record<keyof Desk, string[]>> {
  const found = await world().gateway.ask<Desk, object>(max, DESK);
  const titles = (list: keyof Desk) => found[list].nodes.map(({ title }) => title);
  return { inbox: titles('inbox'), future: titles('future'), archive: titles('archive'), all: titles('all') };
}

it('a task comes from the future into the inbox when its day begins where its assignee is, and leaves it when it is done [CLOSE-02] [CLOSE-03] [CLOSE-05] [PARSA-13]', async () => {
  await create('undated', null);
  await create('at noon of the 29th', '2026-03-29T10:00:00Z');
  const id = await create('on the 29th', '2026-03-29');
  await create('on the 30th', '2026-03-30');
  await create('late', '2026-03-27');
  // By due date, and what has none last.
  const byDate = ['late', 'on the 29th', 'at noon of the 29th', 'on the 30th', 'undated'];
  expect(await desk()).toEqual({
    inbox: ['late', 'undated'],
    future: ['on the 29th', 'at noon of the 29th', 'on the 30th'],
    archive: [],
    all: byDate,
  });
  // Midnight in Paris, on the day on which its clocks are set forward.
  clock = '2026-03-28T23:00:00.000Z';
  expect(await desk()).toEqual({
    inbox: ['late', 'on the 29th', 'at noon of the 29th', 'undated'],
    future: ['on the 30th'],
    archive: [],
    all: byDate,
  });
  await world().gateway.ask(max, `mutation { completeTask(input: { id: "${id}" }) { errors { code } } }`);
  const done = await desk();
  expect(done.inbox).toEqual(['late', 'at noon of the 29th', 'undated']);
  expect(done.archive).toEqual(['on the 29th']);
  expect(done.all).toEqual(byDate);
});

it('a task is fetched by its id, with what creating it has filled in [CLOSE-33] [THENA-T24]', async () => {
  const id = await create('fetched', '2026-04-01');
  const query = `query ($id: ID!) {
    task(id: $id) { id title date dueDate view _type status isComplete account { id } assignee { id } creator { id } version isActive createdAt updatedAt }
  }`;
  expect(await world().gateway.ask(max, query, { id })).toEqual({
    task: {
      ...{ id, title: 'fetched', date: '2026-04-01', dueDate: '2026-04-01', view: 'FUTURE', _type: 'LEAD' },
      ...{ status: 'PENDING', isComplete: false, account: { id: account.key }, assignee: { id: max.userId } },
      ...{ creator: { id: world().admin.userId }, version: 1, isActive: true },
      ...{ createdAt: clock, updatedAt: clock },
    },
  });
});
