import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { print } from 'graphql';
import { expect } from 'vitest';
import { decodeCursor, type LogCursor } from '../../src/event/cursor.ts';
import { TaskAssigned } from '../notification/office.ts';
import type { News, Order } from './crowd-process.ts';
import type { Person, World } from './world.ts';

const PROCESS = join(import.meta.dirname, 'crowd-process.ts');
/** Beside its sockets. */
const FILES_OF_A_PROCESS = 100;

/** Someone's client in a crowd, as the test knows it. */
export interface CrowdClient {
  readonly person: Person;
  readonly urls: readonly string[];
  /** The places in the log of the events that it took, in the order in which it took them. */
  readonly taken: number[];
  /** When each was taken, in milliseconds since 1970. */
  readonly at: number[];
  /** How its connections ended: close codes, codes of errors, or what was said. */
  readonly ends: string[];
  isConnected: boolean;
  cursor: string;
}

const placeOf = (cursor: string) => Number((decodeCursor(cursor) as LogCursor).seq);

/**
 * Many clients in one process of their own, each following someone's assignments and going on after each end of its
 * connection from the last event that it took.
 */
export class Crowd {
  readonly clients: readonly CrowdClient[];
  /** Where in the log they began. */
  readonly from: number;
  readonly #query: string;
  #child: ChildProcess | null = null;
  #gone: Promise<unknown> = Promise.resolve();

  /** `query` subscribes by one field that gives a `cursor`, after the variable `after`. */
  constructor(clients: readonly Pick<CrowdClient, 'person' | 'urls'>[], cursor: string, query = print(TaskAssigned)) {
    this.#query = query;
    this.clients = clients.map((client) => ({ ...client, taken: [], at: [], ends: [], isConnected: false, cursor }));
    this.from = placeOf(cursor);
    this.#start();
  }

  /** Until everyone has connected. */
  async connected(): Promise<void> {
    await expect.poll(() => this.clients.filter(({ isConnected }) => !isConnected).length, { timeout: 60_000 }).toBe(0);
  }

  drop(...clients: readonly CrowdClient[]): void {
    this.#order('drop', clients);
  }

  /** They stop reading what their sockets bring. */
  pause(clients: readonly CrowdClient[]): void {
    this.#order('pause', clients);
  }

  resume(clients: readonly CrowdClient[]): void {
    this.#order('resume', clients);
  }

  /** Kills the process, and starts another that goes on from what this one told of: all that its clients had kept. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#gone;
    this.#start();
  }

  async stop(): Promise<void> {
    if (this.#child?.connected) this.#child.disconnect();
    await this.#gone;
  }

  #start(): void {
    const child = fork(PROCESS, { execArgv: ['--disable-warning=ExperimentalWarning'] });
    this.#child = child;
    // Its last words may arrive after its end.
    this.#gone = Promise.all([once(child, 'exit'), once(child, 'disconnect')]);
    child.on('message', ({ connected, taken, ends }: News) => {
      for (const id of connected) this.#of(id).isConnected = true;
      for (const [id, cursor, at] of taken) {
        const client = this.#of(id);
        client.cursor = cursor;
        client.taken.push(placeOf(cursor));
        client.at.push(at);
      }
      for (const [id, how] of ends) this.#of(id).ends.push(how);
    });
    const members = this.clients.map(({ person, urls, cursor }, id) => ({
      id,
      urls,
      params: { authorization: `Bearer ${person.token}`, 'x-organization-id': person.organizationId },
      after: cursor,
    }));
    this.#send({ does: 'follow', query: this.#query, members });
  }

  #order(does: 'drop' | 'pause' | 'resume', clients: readonly CrowdClient[]): void {
    this.#send({ does, ids: clients.map((client) => this.clients.indexOf(client)) });
  }

  #send(order: Order): void {
    // One that is being killed hears nothing any more.
    this.#child?.send(order, () => {});
  }

  #of(id: number): CrowdClient {
    return this.clients[id] as CrowdClient;
  }
}

/** Waits until everyone has all that they were notified of since they began, and fails unless that is what they took. */
export async function expectExactly(world: World, crowds: readonly Crowd[], timeout = 30_000) {
  const notified = await world.notified();
  const due = (crowd: Crowd, { person }: CrowdClient) =>
    (notified.get(person.id) ?? []).map(({ seq }) => seq).filter((seq) => seq > crowd.from);
  const pairs = crowds.flatMap((crowd) => crowd.clients.map((client) => ({ client, due: due(crowd, client) })));
  await expect
    .poll(() => pairs.filter(({ client, due }) => client.taken.length < due.length).length, { timeout, interval: 100 })
    .toBe(0);
  for (const { client, due } of pairs) expect(client.taken).toEqual(due);
}

/** From the commit of each event that they took to its frame, in milliseconds; of those that `which` names. */
export async function waitsOf(world: World, clients: readonly CrowdClient[], which = (_seq: number) => true) {
  const notified = await world.notified();
  return clients.flatMap(({ person, taken, at }) => {
    const committed = new Map((notified.get(person.id) ?? []).map(({ seq, ms }) => [seq, ms]));
    return taken.flatMap((seq, index) => (which(seq) ? [(at[index] as number) - (committed.get(seq) as number)] : []));
  });
}

/** Fails where a process may not have so many sockets; Node raises its own limit as far as it may. */
export async function expectFiles(sockets: number): Promise<void> {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(await readFile('/proc/self/limits', 'utf8'))?.[1];
  const files = hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
  expect(files, 'open files (ulimit -n)').toBeGreaterThan(sockets + FILES_OF_A_PROCESS);
}
