import fc from 'fast-check';
import { print } from 'graphql';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { graphql } from '../../generated/index.ts';
import { signIn } from '../../notification/office.ts';
import type { Caller } from '../../support/gateway.ts';
import type { TestSocket } from '../../support/socket-client.ts';
import { filterOf, poolsOf } from '../model/drawn.ts';
import { type Cast, DAYS, INSTANTS, NOW, plantModel, TAGS } from '../model/planted.ts';
import { useWorld } from '../world.ts';
import { ring } from './room.ts';

// Lists that are kept by what they are told, against the same lists read anew, through random lives.

const clock = { now: NOW };
const world = useWorld({ now: () => clock.now });
const ZONES = ['UTC', 'Europe/Paris', 'America/Los_Angeles', 'Pacific/Kiritimati', '-08:00'] as const;
const VIEWS = [null, null, 'INBOX', 'FUTURE', 'ARCHIVE'] as const;

const FOLLOW = graphql(`
  subscription LifeFollow($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $after: String) {
    taskChanged(filter: $filter, view: $view, timeZone: $timeZone, after: $after) { cursor change taskId }
  }
`);
const READ = `query ($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $page: String) {
  tasks(filter: $filter, view: $view, timeZone: $timeZone, first: 100, after: $page) { logCursor pageInfo { hasNextPage endCursor } nodes { id } }
}`;

let cast: Cast;
let keys: string[];
let pools: ReturnType<typeof poolsOf>;
let limited: Caller;
beforeAll(async () => {
  const { gateway, organization } = world();
  limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
  const planted = await plantModel(world(), limited, 40, 7);
  cast = planted.cast;
  keys = planted.tasks.map(({ key }) => key);
  pools = poolsOf(cast, keys);
});

const sockets = new Set<TestSocket>();
afterEach(async () => {
  for (const socket of sockets) await socket.close();
  sockets.clear();
});

interface Which {
  readonly filter: object;
  readonly view: (typeof VIEWS)[number];
  readonly timeZone: string;
}

/** A client with a list that it reads once. */
class Kept {
  readonly caller: Caller;
  readonly which: Which;
  ids = new Set<string>();
  cursor = '';
  changes: string[] = [];
  /** Told of what was not so. */
  wrong: string[] = [];
  #wasCut = false;
  #running = Promise.resolve();
  #subscription: { complete(): void } | null = null;

  constructor(caller: Caller, which: Which) {
    this.caller = caller;
    this.which = which;
  }

  /** All pages; nothing is written meanwhile. */
  async read() {
    const ids = new Set<string>();
    let logCursor: string | null = null;
    for (let page: string | null = null, more = true; more; ) {
      const { tasks } = (await world().gateway.ask(this.caller, READ, { ...this.which, page })) as {
        tasks: { logCursor: string; nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
      };
      for (const { id } of tasks.nodes) ids.add(id);
      logCursor ??= tasks.logCursor;
      ({ hasNextPage: more, endCursor: page } = tasks.pageInfo);
    }
    return { ids, logCursor: logCursor as string };
  }

  async begin(socket: TestSocket) {
    ({ ids: this.ids, logCursor: this.cursor } = await this.read());
    this.go(socket);
  }

  go(socket: TestSocket) {
    const variables = { ...this.which, after: this.cursor };
    const operation = socket.subscribe({ query: print(FOLLOW), variables });
    this.#subscription = operation;
    this.#running = (async () => {
      for (;;) {
        const message = await operation.next().catch((error: Error) => {
          if (error.message.startsWith('No message')) return undefined;
          if (error.message.startsWith('The socket closed')) return null;
          throw error;
        });
        if (message === undefined) continue;
        if (message === null || message.type === 'complete' || this.#subscription !== operation) return;
        if (message.type !== 'next' || message.payload.errors) throw new Error(JSON.stringify(message.payload));
        const { cursor, change, taskId } = message.payload.data.taskChanged;
        this.changes.push(`${change} ${taskId}`);
        // What one is cut off from can come twice; nothing else does.
        if (!this.#wasCut && this.ids.has(taskId) !== (change !== 'ENTERED')) this.wrong.push(`${change} ${taskId}`);
        this.cursor = cursor;
        if (change === 'LEFT') this.ids.delete(taskId);
        else this.ids.add(taskId);
      }
    })();
    this.#running.catch((error) => this.changes.push(String(error)));
  }

  /** Cut off in the midst of whatever is on its way. */
  again(socket: TestSocket) {
    this.#wasCut = true;
    this.#subscription?.complete();
    this.go(socket);
  }
}

const some = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
const dates = [
  ...DAYS,
  ...INSTANTS,
  '2026-03-31',
  '2026-04-06',
  '2026-03-29T18:31:00.000Z',
  '2026-03-30T09:00:00.000Z',
  null,
];
const assignees = () => [...cast.people.map(({ userId }) => userId), null];

const patch = () =>
  fc.record(
    {
      title: some('Call about the offer', 'LATE invoice', 'Other'),
      priority: some('LOW', 'HIGH'),
      category: some('FOLLOW_UP_CALL', 'TEAM_UPDATE', null),
      date: some(...dates),
      assigneeId: some(...assignees()),
      tags: fc.uniqueArray(some(...TAGS), { maxLength: 2 }),
      linkedRecordId: some(...[...cast.accounts, ...cast.leads, ...cast.contacts].map(({ key }) => key)),
      status: some('PENDING', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED'),
    },
    { requiredKeys: [] },
  );

const step = () =>
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: some('update' as const), task: fc.nat(), patch: patch() }) },
    { weight: 3, arbitrary: fc.record({ do: some('create' as const), task: fc.nat(), patch: patch() }) },
    { weight: 2, arbitrary: fc.record({ do: some('delete' as const, 'restore' as const), task: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: some('bulk' as const), date: some(...dates), isComplete: some(true, false) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: some('block' as const, 'comment' as const), task: fc.nat() }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: some('clock' as const),
        ms: some(1, 60_000, 3_600_000, 6 * 3_600_000, 30 * 3_600_000),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: some('again' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: some('compare' as const) }) },
  );
type Step = ReturnType<typeof step> extends fc.Arbitrary<infer S> ? S : never;

const send = (caller: Caller, name: string, type: string, input: object) =>
  world().gateway.send(caller, `mutation ($input: ${type}!) { ${name}(input: $input) { errors { message } } }`, {
    input,
  });

async function act(doing: Step, by: Caller): Promise<void> {
  const taskOf = (n: number) => keys[n % keys.length] as string;
  switch (doing.do) {
    case 'update':
      return void (await send(by, 'updateTask', 'UpdateTaskInput', { id: taskOf(doing.task), patch: doing.patch }));
    case 'create': {
      const { status: _, ...given } = doing.patch;
      const input = { title: 'New', linkedRecordId: cast.accounts[0]?.key, ...given };
      const query = 'mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id } } }';
      const { data } = await world().gateway.send<{ createTask: { task: { id: string } | null } }, object>(by, query, {
        input,
      });
      if (data?.createTask.task) keys.push(data.createTask.task.id);
      return;
    }
    case 'delete':
    case 'restore': {
      const type = doing.do === 'delete' ? 'DeleteTaskInput' : 'RestoreTaskInput';
      return void (await send(by, `${doing.do}Task`, type, { id: taskOf(doing.task) }));
    }
    case 'bulk': {
      const { date, isComplete } = doing;
      return void (await send(by, 'bulkUpdateTasks', 'BulkUpdateTasksInput', {
        filter: { tag: { contains: 'v' } },
        set: isComplete ? { date } : { isComplete },
      }));
    }
    case 'block': {
      const input = { id: taskOf(doing.task), blockerId: taskOf(doing.task + 1) };
      return void (await send(
        by,
        doing.task % 3 ? 'addBlocker' : 'removeBlocker',
        doing.task % 3 ? 'AddBlockerInput' : 'RemoveBlockerInput',
        input,
      ));
    }
    case 'comment':
      return void (await send(by, 'addComment', 'AddCommentInput', { subjectId: taskOf(doing.task), body: 'x' }));
    default:
      return;
  }
}

it('is the list, whatever is written by whom, as time passes, with reconnects anywhere', async () => {
  const RUNS = Number(process.env['LIVES'] ?? 6);
  const seed = Number(process.env['SEED'] ?? 1);
  for (let run = 0; run < RUNS; run += 1) {
    clock.now = NOW;
    const whiches = fc.sample(fc.record({ filter: filterOf(pools), view: some(...VIEWS), timeZone: some(...ZONES) }), {
      numRuns: 14,
      seed: seed + run,
    });
    const due: Which[] = (['OVERDUE', 'TODAY', 'THIS_WEEK'] as const).map((bucket, at) => ({
      filter: at % 2 ? { not: { due: bucket } } : { due: bucket, deleted: 'INCLUDE' },
      view: null,
      timeZone: ZONES[run % 5] as string,
    }));
    const open = async () => {
      const pair = new Map<Caller, TestSocket>();
      for (const who of [world().admin, limited]) {
        const socket = await signIn(world().gateway.url, who);
        sockets.add(socket);
        pair.set(who, socket);
      }
      return (who: Caller) => pair.get(who) as TestSocket;
    };
    const socketOf = await open();
    const lists = [...(whiches as Which[]), ...due].map(
      (which, at) => new Kept(at % 3 === 2 ? limited : world().admin, which),
    );
    for (const list of lists) await list.begin(socketOf(list.caller));
    const steps = fc.sample(step(), { numRuns: 60, seed: seed * 1000 + run });
    const settle = async (said: string) => {
      ring(world());
      for (const [at, list] of lists.entries()) {
        const message = `run ${run} list ${at} ${said} ${JSON.stringify(list.which)} ${list.changes.slice(-5).join(', ')}`;
        await expect
          .poll(
            async () => {
              const { ids } = await list.read();
              const kept = [...list.ids].toSorted().join();
              const right = [...ids].toSorted().join();
              return kept === right ? 'same' : `${kept} ≠ ${right}`;
            },
            { timeout: 4_000, interval: 30, message },
          )
          .toBe('same');
        expect(list.wrong, message).toEqual([]);
      }
    };
    for (let at = 0; at < steps.length; at += 3) {
      // Three at a time, by several writers.
      await Promise.all(
        steps.slice(at, at + 3).map(async (doing, index) => {
          if (doing.do === 'clock') {
            clock.now = new Date(clock.now.getTime() + doing.ms);
            if (doing.ms % 7 < 4) ring(world());
          } else if (doing.do === 'again') {
            const list = lists[doing.which % lists.length] as Kept;
            list.again(socketOf(list.caller));
          } else await act(doing, [world().admin, world().member, limited][index] as Caller);
        }),
      );
      if (steps[at]?.do === 'compare') await settle(`step ${at}`);
    }
    await settle('end');
    for (const socket of sockets) await socket.close();
    sockets.clear();
  }
}, 300_000);
