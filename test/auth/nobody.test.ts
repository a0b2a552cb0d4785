import { getIntrospectionQuery } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Caller, useGateway } from '../support/gateway.ts';
import { connect } from '../support/socket-client.ts';
import { apiKey, bearer, changeMembership, INVALID, organization, TRANSPORTS } from './callers.ts';

const gateway = useGateway();
let ada: Caller;
beforeAll(async () => {
  ada = await gateway().member(await gateway().organization('A'), { email: 'ada@a.example' });
});

const ASKS = [
  '{ viewer { user { id } } }',
  '{ task(id: "task_x") { id } }',
  '{ tasks { totalCount } accounts { totalCount } }',
  'mutation { createAccount(input: { name: "Acme" }) { account { id } } }',
  'mutation { deleteTask(input: { id: "x" }) { errors { code } } }',
];

describe('without credentials', () => {
  it.each(ASKS)('HTTP answers 401 to %s', async (query) => {
    const { status, headers, data, errors } = await gateway().send(null, query);
    expect({ status, data }).toEqual({ status: 401, data: undefined });
    expect(headers.get('www-authenticate')).toBe('Bearer');
    for (const { extensions } of errors ?? []) expect(extensions).toEqual({ code: 'UNAUTHENTICATED' });
  });

  it('an organization and a zone are no credentials', async () => {
    const headers = { ...organization(ada.organizationId), 'X-Time-Zone': 'UTC' };
    expect(await gateway().send(null, '{ viewer { user { id } } }', {}, headers)).toMatchObject({ status: 401 });
  });

  it('a socket is closed 4403', async () => {
    for (const payload of [
      undefined,
      {},
      { Authorization: null },
      { authorization: { Bearer: ada.token } },
      { token: ada.token },
    ]) {
      const socket = await connect(gateway().url, { init: false });
      socket.send({ type: 'connection_init', ...(payload && { payload }) });
      expect(await socket.closed).toEqual({
        code: 4403,
        reason: 'UNAUTHENTICATED: Send credentials in connectionParams.',
      });
    }
  });

  it('the schema can be read, and no more than that', async () => {
    const { status, data, errors } = await gateway().send(null, getIntrospectionQuery());
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect((data as { __schema: { types: unknown[] } }).__schema.types.length).toBeGreaterThan(50);
    expect((await gateway().send(null, '{ __typename }')).data).toEqual({ __typename: 'Query' });
    const beside = await gateway().send<{ __typename: string; task: null }, object>(
      null,
      '{ __typename task(id: "x") { id } }',
    );
    expect(beside).toMatchObject({ data: { task: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    // The control: with bad credentials not even that.
    expect(await gateway().send(null, '{ __typename }', {}, bearer('junk'))).toMatchObject({ status: 401 });
  });

  it('nothing is asked of the database', async () => {
    const asked = async () => {
      for (const query of ASKS) await gateway().send(null, query);
    };
    expect(await gateway().statementsOf(asked)).toEqual([]);
  });
});

describe('bad credentials', () => {
  it('are answered in the very same bytes, whatever is bad about them', async () => {
    const gone = await gateway().member(await gateway().organization('B'), { email: 'gone@b.example' });
    await changeMembership(gateway(), gone, { isActive: false });
    const all = [
      bearer('junk'),
      bearer(gone.token),
      apiKey('junk'),
      apiKey(`twk_${'0'.repeat(26)}_${'A'.repeat(32)}`),
      { Authorization: 'Basic x' },
    ];
    const answers = new Set<string>();
    for (const credentials of all) {
      const response = await fetch(gateway().url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-request-id': 'same', ...credentials },
        body: '{"query":"{ __typename }"}',
      });
      const { date: _, ...headers } = Object.fromEntries(response.headers);
      answers.add(JSON.stringify([response.status, headers, await response.text()]));
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain(INVALID.message);
  });

  it('in connectionParams are not saved by good ones in the headers of the upgrade, and the other way round they are', async () => {
    const [good, bad] = [`Bearer ${ada.token}`, 'Bearer junk'];
    const refused = await connect(gateway().url, { init: false, headers: { authorization: good } });
    refused.send({ type: 'connection_init', payload: { Authorization: bad } });
    expect((await refused.closed).code).toBe(4403);
    const admitted = await connect(gateway().url, { headers: { authorization: bad }, params: { Authorization: good } });
    await admitted.close();
  });

  it('are never told from an organization that one has chosen badly', async () => {
    for (const { call } of TRANSPORTS) {
      expect(await call(gateway(), { ...bearer('junk'), ...organization('junk') })).toMatchObject(INVALID);
    }
  });
});
