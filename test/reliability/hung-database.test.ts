import { print } from 'graphql';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { openWire, type Wire } from '../event/wire.ts';
import { Create, LogCursor, signIn, subscribe } from '../notification/office.ts';
import { askAt, type GatewayProcess, startGatewayProcess } from '../support/process.ts';
import { openWorld, pause, type World } from './world.ts';

let world: World;
let wire: Wire;
let gateway: GatewayProcess;
beforeAll(async () => {
  world = await openWorld({ gateways: 0, people: 1 });
});
afterEach(async () => {
  await gateway?.kill('SIGKILL');
  await wire?.close();
});
afterAll(() => world.close());

/** Ends the process by SIGTERM; gives how it ended and after how many seconds. */
async function terminated() {
  const begin = performance.now();
  const end = await gateway.kill('SIGTERM');
  const seconds = (performance.now() - begin) / 1_000;
  console.log('SIGTERM while the database hangs', { ...end, seconds: seconds.toFixed(2) });
  return { ...end, seconds };
}
const isGood = { code: 0, signal: null };

it('SIGTERM while the database accepts and answers nothing ends the process with 0 within 10 seconds', async () => {
  wire = await openWire(world.databaseUrl);
  gateway = await startGatewayProcess(wire.url);
  const { admin, accountId } = world.office;
  const socket = await signIn(gateway.url, admin);
  const follow = subscribe(socket);
  const create = (title: string) => ({ input: { title, accountId, assigneeId: admin.userId } });
  await askAt(gateway.url, admin, Create, create('before'));
  await expect(askAt(gateway.url, admin, LogCursor, {})).resolves.toBeTruthy();

  wire.freeze();
  // Each holds something that the stop would wait for: a request, a mutation on a socket, a subscription that begins.
  const asked = [1, 2, 3].map((n) => askAt(gateway.url, admin, Create, create(`hung ${n}`)).catch((error) => error));
  socket.subscribe({ query: print(Create), variables: create('hung on the socket') });
  void follow.message().catch(() => {});
  await pause(500);
  const { seconds, ...end } = await terminated();
  expect(end).toEqual(isGood);
  expect(seconds).toBeLessThan(10);
  expect((await socket.closed).code).toBe(1001);
  for (const error of await Promise.all(asked)) expect(error).toBeInstanceOf(Error);
});

it('also when nothing is asked of it', async () => {
  wire = await openWire(world.databaseUrl);
  gateway = await startGatewayProcess(wire.url);
  wire.freeze();
  const { seconds, ...end } = await terminated();
  expect(end).toEqual(isGood);
  expect(seconds).toBeLessThan(10);
});

it('also when the database is away altogether', async () => {
  wire = await openWire(world.databaseUrl);
  gateway = await startGatewayProcess(wire.url);
  wire.refuse();
  wire.cut();
  await pause(1_500);
  const { seconds, ...end } = await terminated();
  expect(end).toEqual(isGood);
  expect(seconds).toBeLessThan(10);
});
