import { print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';
import { type Caller, Gateway } from '../support/gateway.ts';
import { askAt, type GatewayProcess, startGatewayProcess } from '../support/process.ts';
import { type Assigned, Create, LogCursor, type Office, openOffice, TaskAssigned } from './office.ts';

let database: TestDatabase;
let office: Office;
let gateways: [GatewayProcess, GatewayProcess];
const clients: Client[] = [];

beforeAll(async () => {
  database = await createDatabase();
  // Founded by a gateway that is gone when the two begin.
  const founder = await Gateway.start({ database });
  office = await openOffice(founder);
  await founder.stop({ keep: true });
  gateways = await Promise.all([startGatewayProcess(database.url), startGatewayProcess(database.url)]);
});
afterAll(async () => {
  for (const client of clients) await client.dispose();
  const ends = await Promise.all(gateways.map((gateway) => gateway.kill('SIGTERM')));
  expect(ends).toEqual([
    { code: 0, signal: null },
    { code: 0, signal: null },
  ]);
  await database.drop();
});

const at = (index: 0 | 1) => gateways[index].url;
const cursorNow = async () => (await askAt(at(0), office.member, LogCursor, {})).viewer.logCursor;

async function assign(index: 0 | 1, title: string): Promise<void> {
  const { member, admin, accountId } = office;
  const { createTask } = await askAt(at(index), admin, Create, {
    input: { title, accountId, assigneeId: member.userId },
  });
  expect(createTask.errors).toEqual([]);
}

/** A graphql-ws client of one of the two gateways, as frontends use it. */
function follow(index: 0 | 1, { token, organizationId }: Caller, after: string) {
  const client = createClient({
    url: at(index).replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, 'x-organization-id': organizationId },
    retryAttempts: 0,
  });
  clients.push(client);
  const events = client.iterate<{ taskAssigned: Assigned }>({ query: print(TaskAssigned), variables: { after } });
  return {
    async next(): Promise<Assigned> {
      const { value } = await events.next();
      return value?.data?.taskAssigned as Assigned;
    },
    leave: () => client.dispose(),
  };
}

describe('two gateways on one database', () => {
  it('each push what is assigned through either, within a second', async () => {
    const after = await cursorNow();
    const [here, there] = [follow(0, office.member, after), follow(1, office.member, after)];
    // The first of each opens its socket; what is measured is the push.
    await assign(0, 'to begin with');
    expect([await here.next(), await there.next()].map(({ task }) => task?.title)).toEqual(
      Array(2).fill('to begin with'),
    );
    const ms: number[] = [];
    for (const [count, index] of ([0, 1, 0, 1, 0, 1] as const).entries()) {
      const title = `number ${count} through gateway ${index}`;
      const events = Promise.all([here.next(), there.next()]);
      await assign(index, title);
      const begin = performance.now();
      expect((await events).map(({ task }) => task?.title)).toEqual([title, title]);
      ms.push(performance.now() - begin);
    }
    // Without the doorbell each would take up to six seconds. Not the slowest, since the machine may be busy.
    expect(ms.toSorted((a, b) => a - b)[3]).toBeLessThan(1_000);
  });

  it('give a client that was away what it missed by its cursor, whichever it comes back to', async () => {
    const first = follow(0, office.member, await cursorNow());
    await assign(1, 'seen');
    const seen = await first.next();
    expect(seen.task?.title).toBe('seen');
    await first.leave();
    for (const [index, title] of ['missed 1', 'missed 2', 'missed 3'].entries())
      await assign((index % 2) as 0 | 1, title);
    const again = follow(1, office.member, seen.cursor);
    await assign(0, 'live');
    const titles: (string | undefined)[] = [];
    for (let count = 0; count < 4; count += 1) titles.push((await again.next()).task?.title);
    expect(titles).toEqual(['missed 1', 'missed 2', 'missed 3', 'live']);
  });
});
