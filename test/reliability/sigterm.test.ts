import { print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Create, TaskAssigned } from '../notification/office.ts';
import { openWorld, pause, pick, type Supervised, size, type World } from './world.ts';

const ROUNDS = size(3, 30);
const SOCKETS = 10;

let world: World;
beforeAll(async () => {
  world = await openWorld({ gateways: 1, people: 3 });
});
afterAll(() => world.close());

it('SIGTERM under load: whatever was done was answered, sockets close 1001 or 1012, and it exits 0 within 10 seconds', async () => {
  const [gateway] = world.gateways as [Supervised];
  const { admin, accountId, organization } = world.office;
  const seconds: number[] = [];
  /** Why the requests failed that were not accepted any more. */
  const refused = new Map<string, number>();
  let answered = 0;

  for (let round = 0; round < ROUNDS; round += 1) {
    await expect.poll(() => gateway.process, { timeout: 30_000 }).toBeTruthy();
    const process = gateway.process as NonNullable<typeof gateway.process>;
    const acknowledged = new Set<string>();
    const closes: unknown[] = [];
    const clients: Client[] = [];
    let going = true;

    const overHttp = async (_: unknown, who: number) => {
      while (going) {
        await world.assign(gateway, pick(world.people), `round ${round} http ${who}`).then(
          (id) => acknowledged.add(id),
          (error: Error) => {
            const { code = error.message } = error as NodeJS.ErrnoException;
            refused.set(code, (refused.get(code) ?? 0) + 1);
            return pause(5);
          },
        );
      }
    };
    const overSocket = async (_: unknown, who: number) => {
      const client = createClient({
        url: gateway.url.replace('http', 'ws'),
        webSocketImpl: WebSocket,
        connectionParams: { authorization: `Bearer ${admin.token}`, 'x-organization-id': admin.organizationId },
        retryAttempts: 0,
        on: { closed: (event) => closes.push((event as { code: number }).code) },
      });
      clients.push(client);
      // Keeps the socket open between two mutations.
      const follow = client.iterate({ query: print(TaskAssigned) });
      void (async () => {
        for await (const _event of follow);
      })().catch(() => {});
      while (going) {
        const input = { title: `round ${round} socket ${who}`, accountId, assigneeId: pick(world.people).userId };
        try {
          for await (const { data } of client.iterate<{ createTask: { task: { id: string } } }>({
            query: print(Create),
            variables: { input },
          })) {
            if (data) acknowledged.add(data.createTask.task.id);
          }
        } catch {
          // Its socket is closed: it was told so.
          return;
        }
      }
    };
    const load = [...Array.from({ length: 10 }, overHttp), ...Array.from({ length: SOCKETS }, overSocket)];
    await expect.poll(() => acknowledged.size, { timeout: 30_000 }).toBeGreaterThan(100);
    await expect.poll(() => closes).toEqual([]);

    const begin = performance.now();
    const end = process.kill('SIGTERM');
    expect(await end).toEqual({ code: 0, signal: null });
    seconds.push((performance.now() - begin) / 1_000);
    going = false;
    await Promise.all(load);
    for (const client of clients) await client.dispose();
    await pause(0);
    // Both are codes after which clients connect again by themselves.
    expect(closes).toHaveLength(SOCKETS);
    expect(closes.filter((code) => code !== 1001 && code !== 1012)).toEqual([]);

    // An answer for all that was done: what failed at the caller was not done.
    const done = await world.query<{ id: string }>(
      `SELECT 'task_' || uid AS id FROM task WHERE organization_id = $1 AND title LIKE 'round ${round} %'`,
      organization.id,
    );
    expect(done.filter(({ id }) => !acknowledged.has(id))).toEqual([]);
    expect(acknowledged.size).toBe(done.length);
    answered += acknowledged.size;
  }
  console.log('SIGTERM under load', {
    rounds: ROUNDS,
    answered,
    'not accepted': Object.fromEntries(refused),
    'seconds to the end': seconds.map((s) => s.toFixed(2)),
  });
  // Nobody listens any more, or the connection was closed before the request was read: never an answer that says "failed".
  expect([...refused.keys()].filter((why) => !/^(ECONN(REFUSED|RESET)|EPIPE|503: .*)$/.test(why))).toEqual([]);
  for (const each of seconds) expect(each).toBeLessThan(10);
});
