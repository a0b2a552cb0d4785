import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graphql } from '../generated/index.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { connect, type TestSocket } from '../support/socket-client.ts';
import { changeMembership, INVALID } from './callers.ts';

const AuthStandingKey = graphql(
  `mutation AuthStandingKey { createApiKey(input: { name: "Key" }) { secret apiKey { id } } }`,
);
const AuthStandingRevoke = graphql(
  `mutation AuthStandingRevoke($id: ID!) { revokeApiKey(input: { id: $id }) { errors { code } } }`,
);

const WHO = '{ viewer { membership { role crmAccess } } accounts { totalCount } }';
const WRITE = 'mutation { createAccount(input: { name: "x" }) { account { id } } }';

const gateway = useGateway();
let admin: Caller;
let ada: Caller;
beforeAll(async () => {
  const organization = await gateway().organization('A');
  admin = await gateway().member(organization, { email: 'admin@a.example', role: 'ADMIN' });
  ada = await gateway().member(organization, { email: 'ada@a.example' });
});
const AS_BEFORE = { role: 'MEMBER', crmAccess: true, isActive: true } as const;
beforeEach(() => changeMembership(gateway(), ada, AS_BEFORE));

const change = (data: Parameters<typeof changeMembership>[2]) => changeMembership(gateway(), ada, data);
const open = ({ token }: Caller) => connect(gateway().url, { params: { Authorization: `Bearer ${token}` } });

/** The answer to one operation, by either way: its data, or the code of its first error. */
type Ask = (query: string) => Promise<unknown>;
// biome-ignore lint/suspicious/noExplicitAny: the answers of any operation.
const outcome = ({ data, errors }: any) => errors?.[0]?.extensions.code ?? data;
const overHttp: Ask = async (query) => outcome(await gateway().send(ada, query));
const over =
  (socket: TestSocket): Ask =>
  async (query) => {
    const { type, payload } = await socket.subscribe({ query }).next();
    return outcome(type === 'error' ? { errors: payload } : payload);
  };

describe.each(['HTTP', 'an open socket'])('over %s a membership', (transport) => {
  const within = async (work: (ask: Ask, socket: TestSocket | null) => Promise<void>) => {
    const socket = transport === 'HTTP' ? null : await open(ada);
    await work(socket ? over(socket) : overHttp, socket);
    await socket?.close();
  };

  it('that changes role is judged anew on the next request', () =>
    within(async (ask) => {
      expect(await ask(WRITE)).toHaveProperty('createAccount.account.id');
      await change({ role: 'VIEWER' });
      expect(await ask(WRITE)).toBe('FORBIDDEN');
      expect(await ask(WHO)).toHaveProperty('viewer.membership.role', 'VIEWER');
      await change({ role: 'ADMIN' });
      expect(await ask('mutation { createApiKey(input: { name: "x" }) { secret } }')).toHaveProperty(
        'createApiKey.secret',
      );
    }));

  it('that loses CRM access is judged anew on the next request', () =>
    within(async (ask) => {
      expect(await ask(WHO)).toHaveProperty('accounts.totalCount', expect.any(Number));
      await change({ crmAccess: false });
      expect(await ask(WHO)).toEqual({
        viewer: { membership: { role: 'MEMBER', crmAccess: false } },
        accounts: { totalCount: 0 },
      });
      expect(await ask(WRITE)).toBe('FORBIDDEN');
      await change({ crmAccess: true });
      expect(await ask(WRITE)).toHaveProperty('createAccount.account.id');
    }));

  it('that ends is nobody’s on the next request', () =>
    within(async (ask, socket) => {
      await change({ isActive: false });
      expect(await ask(WHO)).toBe('UNAUTHENTICATED');
      if (socket) expect(await socket.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED' });
      else
        expect(await gateway().send(ada, WHO)).toMatchObject({ status: 401, errors: [{ message: INVALID.message }] });
    }));
});

it('a key that is revoked ends its open socket with the next operation', async () => {
  const { secret, apiKey } = (await gateway().ask(admin, AuthStandingKey)).createApiKey;
  const socket = await connect(gateway().url, { params: { 'x-api-key': secret } });
  const ask = over(socket);
  expect(await ask(WHO)).toHaveProperty('viewer.membership.role', 'MEMBER');
  await gateway().ask(admin, AuthStandingRevoke, { id: apiKey?.id as string });
  expect(await ask(WHO)).toBe('UNAUTHENTICATED');
  expect(await socket.closed).toEqual({ code: 4403, reason: 'UNAUTHENTICATED' });
});
