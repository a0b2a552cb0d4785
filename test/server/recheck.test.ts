import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { refuse } from '../../src/graphql/errors.ts';
import { createRecheck } from '../../src/server/recheck.ts';
import { connect } from '../support/socket-client.ts';
import { useToy } from './harness.ts';

describe('a connection whose credentials were revoked while nothing happened on it', () => {
  const held = useToy({ limits: { recheckMs: 60 } });

  test('closes 4403, if it is a socket, and no other does', async () => {
    const ada = await connect(held.url, { params: { authorization: 'Bearer ada' } });
    const bo = await connect(held.url, { params: { authorization: 'Bearer bo' } });
    held.toy.revoked.add('ada');
    expect(await ada.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED' });
    expect(bo.raw.readyState).toBe(bo.raw.OPEN);
    await bo.close();
  });

  test('ends, if it is an event stream, and lets go of its source', async () => {
    const headers = { accept: 'text/event-stream', 'content-type': 'application/json', authorization: 'Bearer ada' };
    const ended = new Promise<void>((resolve, reject) => {
      const asking = request(held.url, { method: 'POST', agent: false, headers }, (response) =>
        response.resume().on('end', resolve),
      );
      asking.on('error', reject).end(JSON.stringify({ query: 'subscription { ticks }' }));
    });
    const source = await held.toy.source();
    held.toy.revoked.add('ada');
    await source.returned;
    await ended;
  });
});

describe('the part that asks again', () => {
  const mask = (error: unknown) => ({ code: (error as { extensions: { code: 'FORBIDDEN' } }).extensions.code });
  const create = (error: () => unknown) => {
    const asked: string[] = [];
    const recheck = createRecheck(
      1_000,
      mask,
      async () => {
        asked.push('asked');
        throw error();
      },
      (code) => asked.push(code),
    );
    return { recheck, asked };
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('takes what fails for another reason for no refusal', async () => {
    const { recheck, asked } = create(() => refuse('SERVICE_UNAVAILABLE', 'The database is away.'));
    recheck.tick(Date.now() + 1_001);
    await turn();
    expect(asked).toEqual(['asked']);
    const revoked = create(() => refuse('FORBIDDEN', 'No.'));
    revoked.recheck.tick(Date.now() + 1_001);
    await turn();
    expect(revoked.asked).toEqual(['asked', 'FORBIDDEN']);
  });

  test('asks only after a while, and not when it has just been asked for', () => {
    const { recheck, asked } = create(() => refuse('FORBIDDEN', 'No.'));
    recheck.tick(Date.now() + 400);
    expect(asked).toEqual([]);
    recheck.done();
    recheck.tick(Date.now() + 400);
    expect(asked).toEqual([]);
  });
});
