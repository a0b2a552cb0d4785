import { describe, expect, it, vi } from 'vitest';
import { type ResumeOptions, type Retry, resume, SubscriptionError } from '../../src/client/resume.ts';
import { errors, event, FakeServer, type Operation, query, type Told } from './fake-server.ts';

const start = { query, variables: { after: 'c0' } };
const told = (count: number): Told => ({ cursor: `c${count}`, id: `task ${count}` });

/** A server whose operations are ended as told, one after the other; the last stays open. */
const ending = (...ends: ((operation: Operation) => void)[]) =>
  new FakeServer((operation) => queueMicrotask(() => ends.shift()?.(operation)));
const failing = (reason: unknown) => (operation: Operation) => operation.sink.error(reason);

const follow = (server: FakeServer, options: ResumeOptions = {}, payload: Parameters<typeof resume>[1] = start) =>
  resume<{ told: Told }>(server, payload, { waitMs: () => 0, ...options });

const opened = (server: FakeServer, count: number) => vi.waitFor(() => expect(server.operations).toHaveLength(count));

describe('a connection that ends', () => {
  const passing: [string, unknown][] = [
    ...[1001, 1005, 1006, 1011, 1012, 1013, 4408, 4499, 4500].map((code): [string, unknown] => [
      `${code}`,
      { code, reason: '' },
    ]),
    ...['SERVICE_UNAVAILABLE', 'TIMEOUT', 'INTERNAL_SERVER_ERROR', 'RATE_LIMITED', 'UNAUTHENTICATED'].map(
      (code): [string, unknown] => [code, errors(code)],
    ),
    ['4403', { code: 4403, reason: 'UNAUTHENTICATED: The credentials have expired.' }],
    ['a failing network', new TypeError('fetch failed')],
    ['nothing at all', undefined],
  ];
  it.each(passing)('by %s is followed by another, after the last event', async (_, reason) => {
    const server = ending((operation) => {
      operation.sink.next(event(told(1)));
      operation.sink.error(reason);
    });
    const events = follow(server);
    expect(await events.next()).toMatchObject({ value: event(told(1)) });
    await opened(server, 2);
    expect(server.operations.map(({ after }) => after)).toEqual(['c0', 'c1']);
    await events.return();
  });

  const final: [string, unknown][] = [
    ...['BAD_USER_INPUT', 'FORBIDDEN', 'LIMIT_EXCEEDED', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'].map(
      (code): [string, unknown] => [code, errors(code)],
    ),
    ...[1009, 4400, 4401, 4406, 4409, 4429].map((code): [string, unknown] => [`${code}`, { code, reason: '' }]),
  ];
  it.each(final)('by %s is the last, and says so', async (code, reason) => {
    const server = ending(failing(reason));
    const events = follow(server);
    const error = await events.next().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SubscriptionError);
    expect(error).toMatchObject({ code, cause: reason });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(server.operations).toHaveLength(1);
  });

  it('by 4403 is the last where the reason is one that new credentials do not cure', async () => {
    const reason = 'FORBIDDEN: That is not your organization.';
    await expect(follow(ending(failing({ code: 4403, reason }))).next()).rejects.toMatchObject({ code: '4403' });
  });

  it('is the last once credentials were refused six times in a row, but not if they were good in between', async () => {
    const refused = failing(errors('UNAUTHENTICATED'));
    const good = (operation: Operation) => {
      operation.sink.next(event(told(1)));
      refused(operation);
    };
    const server = ending(...Array(5).fill(refused), good, ...Array(9).fill(refused));
    const events = follow(server);
    expect(await events.next()).toMatchObject({ value: event(told(1)) });
    await expect(events.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(server.operations).toHaveLength(11);
  });

  it('because its client was disposed of ends the subscription, quietly', async () => {
    const server = ending((operation) => {
      server.tell('closed', { code: 1000 });
      operation.sink.complete();
    });
    expect(await follow(server).next()).toEqual({ done: true, value: undefined });
    expect(server.operations).toHaveLength(1);
  });

  it('is followed by another after a wait that grows, until an event comes', async () => {
    const waits: Retry[] = [];
    const cut = failing({ code: 1006, reason: '' });
    const good = (operation: Operation) => {
      operation.sink.next(event(told(1)));
      cut(operation);
    };
    const server = ending(cut, cut, good, cut);
    const waitMs = vi.fn(() => 0);
    const events = follow(server, { waitMs, onRetry: (retry) => waits.push(retry) });
    await opened(server, 5);
    expect(waits.map(({ failures }) => failures)).toEqual([1, 2, 1, 2]);
    expect(waitMs.mock.calls).toEqual([[1], [2], [1], [2]]);
    expect(waits[0]).toMatchObject({ code: '1006', waitMs: 0, cause: { code: 1006 } });
    await events.return();
  });

  it('waits by lot, up to 1, 2, 4 … 30 s', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const lot = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const waits: number[] = [];
    const server = new FakeServer((operation) => queueMicrotask(() => operation.sink.error(undefined)));
    const events = resume(server, start, { onRetry: ({ waitMs }) => waits.push(waitMs) });
    for (let count = 0; count < 7; count += 1) await vi.advanceTimersByTimeAsync(15_000);
    expect(waits.slice(0, 7)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
    await events.return();
    expect(vi.getTimerCount()).toBe(0);
    lot.mockRestore();
    vi.useRealTimers();
  });

  it('is the last if whoever is told of it throws', async () => {
    const onRetry = () => {
      throw new Error('Enough.');
    };
    await expect(follow(ending(failing(null)), { onRetry }).next()).rejects.toThrow('Enough.');
  });
});

describe('RESYNC_REQUIRED', () => {
  const resync = failing(errors('RESYNC_REQUIRED'));

  it('is thrown, after the events that came before', async () => {
    const server = ending((operation) => {
      operation.sink.next(event(told(1)));
      operation.sink.error({ code: 1006, reason: '' });
    }, resync);
    const events = follow(server);
    await opened(server, 2);
    expect(await events.next()).toMatchObject({ value: event(told(1)) });
    await expect(events.next()).rejects.toMatchObject({ name: 'ResyncRequired', code: 'RESYNC_REQUIRED' });
  });

  it('has the list read again once all before is dealt with, and goes on from its cursor', async () => {
    const server = ending((operation) => {
      operation.sink.next(event(told(1)));
      operation.sink.next(event(told(2)));
      operation.sink.error({ code: 1006, reason: '' });
    }, resync);
    const order: string[] = [];
    const onResync = async () => {
      order.push('list');
      return 'c9';
    };
    const events = follow(server, { onResync });
    await opened(server, 2);
    for (const id of ['task 1', 'task 2']) {
      expect((await events.next()).value?.data?.told.id).toBe(id);
      order.push(id);
    }
    const next = events.next();
    await opened(server, 3);
    expect(server.open[0]?.after).toBe('c9');
    server.open[0]?.sink.next(event(told(10)));
    expect((await next).value?.data?.told.id).toBe('task 10');
    expect(order).toEqual(['task 1', 'task 2', 'list']);
    await events.return();
  });

  it('waits before it has the list read once more, if that did not help', async () => {
    const waitMs = vi.fn(() => 1);
    const waits: number[] = [];
    const server = ending(resync, resync, resync);
    const onResync = vi.fn(async () => 'c9');
    const events = follow(server, { waitMs, onResync, onRetry: (retry) => waits.push(retry.waitMs) });
    const next = events.next();
    await opened(server, 4);
    expect(onResync).toHaveBeenCalledTimes(3);
    expect(waits).toEqual([0, 1, 1]);
    await events.return();
    await next;
  });

  it('throws what the reading of the list threw', async () => {
    const onResync = () => Promise.reject(new Error('No list.'));
    await expect(follow(ending(resync), { onResync }).next()).rejects.toThrow('No list.');
  });
});

describe('without a cursor to begin after', () => {
  const answer = (logCursor: string) => (operation: Operation) => {
    operation.sink.next({ data: { viewer: { logCursor } } });
    operation.sink.complete();
  };

  it('it asks for one, so that what comes before the first event is not lost with its connection', async () => {
    const server = ending(answer('c5'), failing({ code: 1006, reason: '' }));
    const events = follow(server, {}, { query });
    await opened(server, 3);
    expect(server.operations.map(({ payload, after }) => [payload.query === query, after])).toEqual([
      [false, null],
      [true, 'c5'],
      [true, 'c5'],
    ]);
    expect(events.cursor).toBe('c5');
    await events.return();
  });

  it('it asks again until it is answered, unless it is refused', async () => {
    const server = ending(failing(errors('SERVICE_UNAVAILABLE')), answer('c5'));
    const events = follow(server, {}, { query });
    await opened(server, 3);
    await events.return();
    await expect(follow(ending(failing(errors('FORBIDDEN'))), {}, { query }).next()).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
  });
});

describe('an event', () => {
  it('with errors beside its data is given as it is', async () => {
    const partial = { ...event(told(1)), errors: errors('TIMEOUT') };
    const events = follow(ending(({ sink }) => sink.next(partial)));
    expect(await events.next()).toEqual({ done: false, value: partial });
    await events.return();
  });

  it('that cannot be answered is asked for three times more, then given without its data, and the next come', async () => {
    const failed = { data: null, errors: errors('INTERNAL_SERVER_ERROR') };
    const server = new FakeServer(({ sink }) =>
      queueMicrotask(() => {
        sink.next(failed);
        sink.next(event(told(2)));
      }),
    );
    const events = follow(server);
    expect((await events.next()).value).toEqual(failed);
    expect((await events.next()).value).toEqual(event(told(2)));
    expect(server.operations).toHaveLength(4);
    await events.return();
  });

  it('that the viewer may not have ends the subscription', async () => {
    const server = ending(({ sink }) => sink.next({ data: null, errors: errors('FORBIDDEN') }));
    await expect(follow(server).next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(server.open).toEqual([]);
  });

  it('without its cursor ends the subscription with words that help', async () => {
    const server = ending(({ sink }) => sink.next({ data: { told: { id: 'task 1' } } }));
    await expect(follow(server).next()).rejects.toThrow('selects `cursor`');
    expect(server.open).toEqual([]);
  });

  it('has its cursor wherever it is said to be', async () => {
    const server = ending(({ sink }) => sink.next({ data: { told: { at: 'c7' } } }));
    const cursorOf = (data: Record<string, unknown>) => (data['told'] as { at: string }).at;
    const events = follow(server, { cursorOf });
    await events.next();
    expect(events.cursor).toBe('c7');
    await events.return();
  });
});

it('a query that cannot be resumed is refused at once', () => {
  expect(() => resume(new FakeServer(), { query: 'subscription { told { cursor } }' })).toThrow('declares $after');
});

it('another variable may take the cursor', async () => {
  const server = new FakeServer();
  const payload = { query: query.replaceAll('$after', '$since'), variables: { since: 'c3', kind: 'X' } };
  const events = follow(server, { variable: 'since' }, payload);
  await opened(server, 1);
  expect(JSON.parse(JSON.stringify(server.operations[0]?.payload.variables))).toEqual({ since: 'c3', kind: 'X' });
  await events.return();
});

describe('it ends', () => {
  it('at once by return(), whatever it is doing, and whoever waits is told', async () => {
    const server = new FakeServer();
    const events = follow(server);
    await opened(server, 1);
    const waiting = [events.next(), events.next()];
    expect(await events.return()).toEqual({ done: true, value: undefined });
    for (const next of waiting) expect(await next).toEqual({ done: true, value: undefined });
    expect(server.open).toEqual([]);
    server.operations[0]?.sink.next(event(told(1)));
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  it('by the signal, also while it waits to connect again, and leaves no timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const controller = new AbortController();
    const server = new FakeServer(({ sink }) => queueMicrotask(() => sink.error(undefined)));
    const events = follow(server, { signal: controller.signal, waitMs: () => 30_000 });
    await expect.poll(() => vi.getTimerCount()).toBe(1);
    const next = events.next();
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    expect(server.operations).toHaveLength(1);
  });

  it('before it begins, if the signal has come already', async () => {
    const server = new FakeServer();
    expect((await follow(server, { signal: AbortSignal.abort() }).next()).done).toBe(true);
    expect(server.operations).toEqual([]);
  });
});

it('a slow consumer has no more waiting than is allowed: the rest is left to the server', async () => {
  const server = new FakeServer(({ after, sink }) =>
    queueMicrotask(() => {
      for (let count = Number(after?.slice(1)) + 1; count <= 25; count += 1) sink.next(event(told(count)));
    }),
  );
  const events = follow(server, { buffered: 9 });
  await opened(server, 1);
  await vi.waitFor(() => expect(server.open).toEqual([]));
  const ids: (string | undefined)[] = [];
  for (let count = 0; count < 25; count += 1) ids.push((await events.next()).value?.data?.told.id);
  expect(ids).toEqual(Array.from({ length: 25 }, (_, index) => `task ${index + 1}`));
  expect(server.operations.map(({ after }) => after)).toEqual(['c0', 'c10', 'c21']);
  await events.return();
});
