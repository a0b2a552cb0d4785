import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../src/auth/tokens.ts';
import { uidOf } from '../../src/ids.ts';
import type { CreateApiKeyInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { type Caller, JWT_SECRET, useGateway } from '../support/gateway.ts';
import { apiKey, bearer, changeMembership, INVALID, organization, TRANSPORTS } from './callers.ts';

const AuthCreateKey = graphql(`
  mutation AuthCreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      secret
      apiKey { id name prefix lastUsedAt expiresAt revokedAt membership { id role crmAccess isActive user { id name email isSystem } } }
      errors { code message path }
    }
  }
`);
const AuthRevokeKey = graphql(`
  mutation AuthRevokeKey($id: ID!) {
    revokeApiKey(input: { id: $id }) { apiKey { id revokedAt } errors { code message path } }
  }
`);
const AuthKey = graphql(`query AuthKey($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt revokedAt } } }`);
const AuthCreateAccount = graphql(`
  mutation AuthCreateAccount { createAccount(input: { name: "Acme" }) { account { id creator { id } } errors { message } } }
`);
const AuthCreateTask = graphql(`
  mutation AuthCreateTask($accountId: ID!, $assigneeId: ID) {
    createTask(input: { title: "Call", accountId: $accountId, assigneeId: $assigneeId }) {
      task { id creator { id } assignee { id } history { nodes { actorKind actor { id } } } }
      errors { code path message }
    }
  }
`);

const MINUTE = 60_000;
const clock = { ms: Date.now() };
const gateway = useGateway({ now: () => new Date(clock.ms) });
let ada: Caller;
let otto: Caller;

beforeAll(async () => {
  ada = await gateway().member(await gateway().organization('A'), { email: 'ada@a.example', role: 'ADMIN' });
  otto = await gateway().member(await gateway().organization('B'), { email: 'otto@b.example', role: 'ADMIN' });
});

async function makeKey(input: Partial<CreateApiKeyInput> = {}, by = ada) {
  const { createApiKey } = await gateway().ask(by, AuthCreateKey, { input: { name: 'Importer', ...input } });
  expect(createApiKey.errors).toEqual([]);
  return { ...createApiKey.apiKey, secret: createApiKey.secret } as NonNullable<typeof createApiKey.apiKey> & {
    secret: string;
  };
}
const lastUsedAt = async (id: string) => (await gateway().ask(ada, AuthKey, { id })).node?.lastUsedAt;

describe.each(TRANSPORTS)('over $transport an API key', ({ call, refused }) => {
  const nobody = { status: refused.UNAUTHENTICATED, ...INVALID };

  it('acts as its own system user, with the role and access that it was given [PARSA-49]', async () => {
    const { secret, membership } = await makeKey({ role: 'VIEWER', crmAccess: false });
    const { viewer } = await call(gateway(), apiKey(secret));
    expect(viewer).toMatchObject({
      user: { id: membership.user.id, name: 'Importer', isSystem: true },
      membership: { id: membership.id, role: 'VIEWER', crmAccess: false },
      organization: { id: ada.organizationId, name: 'A' },
    });
    expect(membership.user.id).not.toBe(ada.userId);
  });

  it('opens nothing once it is revoked', async () => {
    const { id, secret } = await makeKey();
    expect(await call(gateway(), apiKey(secret))).toHaveProperty('viewer');
    await gateway().ask(ada, AuthRevokeKey, { id });
    expect(await call(gateway(), apiKey(secret))).toEqual(nobody);
  });

  it('opens nothing from the instant at which it expires', async () => {
    const { secret } = await makeKey({ expiresAt: new Date(clock.ms + MINUTE).toISOString() });
    clock.ms += MINUTE - 1;
    expect(await call(gateway(), apiKey(secret))).toHaveProperty('viewer');
    clock.ms += 1;
    expect(await call(gateway(), apiKey(secret))).toEqual(nobody);
  });

  it('opens nothing when its membership has ended', async () => {
    const { secret, membership } = await makeKey();
    await changeMembership(
      gateway(),
      { userId: membership.user.id, organizationId: ada.organizationId },
      { isActive: false },
    );
    expect(await call(gateway(), apiKey(secret))).toEqual(nobody);
  });

  it('opens nothing when a character of it is another, whichever', async () => {
    const { secret } = await makeKey();
    const altered = [0, 5, 20, 32, 40, secret.length - 1].map((at) => {
      const other = secret[at] === 'A' ? 'B' : 'A';
      return secret.slice(0, at) + other + secret.slice(at + 1);
    });
    const odd = ['', 'junk', 'twk_', `${secret}A`, secret.slice(0, -1), secret.toLowerCase(), ` ${secret} x`];
    for (const text of [...altered, ...odd]) expect(await call(gateway(), apiKey(text))).toEqual(nobody);
  });

  it('opens nothing under another organization’s name', async () => {
    const { secret } = await makeKey();
    const [own, other] = [ada, otto].map(({ organizationId }) => uidOf('Organization', organizationId) as string);
    expect(await call(gateway(), apiKey(secret.replace(own as string, other as string)))).toEqual(nobody);
  });

  it('stands for one organization: another one’s id beside it is a mistake', async () => {
    const { secret } = await makeKey();
    const right = { ...apiKey(secret), ...organization(ada.organizationId) };
    expect(await call(gateway(), right)).toHaveProperty('viewer.organization.id', ada.organizationId);
    const wrong = await call(gateway(), { ...apiKey(secret), ...organization(otto.organizationId) });
    expect(wrong).toMatchObject({ status: refused.BAD_USER_INPUT, code: 'BAD_USER_INPUT' });
  });

  it('remembers to the minute when it was last used', async () => {
    const { id, secret, lastUsedAt: before } = await makeKey();
    expect(before).toBeNull();
    const first = new Date(clock.ms).toISOString();
    await call(gateway(), apiKey(secret));
    expect(await lastUsedAt(id)).toBe(first);
    clock.ms += MINUTE;
    const statements = await gateway().statementsOf(() => call(gateway(), apiKey(secret)));
    expect(statements).not.toContain('auth.touchKey');
    expect(await lastUsedAt(id)).toBe(first);
    clock.ms += 1;
    await call(gateway(), apiKey(secret));
    expect(await lastUsedAt(id)).toBe(new Date(clock.ms).toISOString());
  });
});

describe('an API key', () => {
  it('is creator and actor of what it does', async () => {
    const { secret, membership } = await makeKey();
    const key = membership.user.id;
    const { data } = await gateway().send(null, AuthCreateAccount, {}, apiKey(secret));
    expect(data?.createAccount.account?.creator.id).toBe(key);
    const accountId = data?.createAccount.account?.id as string;
    const made = await gateway().send(null, AuthCreateTask, { accountId, assigneeId: ada.userId }, apiKey(secret));
    const task = made.data?.createTask.task;
    expect(task?.creator.id).toBe(key);
    expect(task?.history.nodes.length).toBeGreaterThan(0);
    for (const event of task?.history.nodes ?? []) expect(event).toEqual({ actorKind: 'API_KEY', actor: { id: key } });
  });

  it('cannot be given tasks', async () => {
    const { membership } = await makeKey();
    const account = (await gateway().ask(ada, AuthCreateAccount)).createAccount.account?.id as string;
    const { createTask } = await gateway().ask(ada, AuthCreateTask, {
      accountId: account,
      assigneeId: membership.user.id,
    });
    expect(createTask).toMatchObject({ task: null, errors: [{ code: 'INVALID', path: ['assigneeId'] }] });
  });

  it('is nobody by bearer token', async () => {
    const { membership } = await makeKey();
    const token = await signToken(JWT_SECRET, uidOf('User', membership.user.id) as string, 1);
    expect(await TRANSPORTS[0].call(gateway(), bearer(token))).toMatchObject(INVALID);
  });

  it('is kept as an HMAC under the secret of keys, its text nowhere', async () => {
    const { secret, prefix } = await makeKey();
    const { db } = gateway().app.runtime;
    const [{ dump }] = await db.prisma.$queryRawUnsafe<[{ dump: string }]>(
      `SELECT string_agg(row::text, '') AS dump FROM (SELECT k::text FROM api_key k UNION ALL SELECT e::text FROM event e) row`,
    );
    expect(dump).not.toContain(secret.slice(-32));
    expect(dump).toContain(prefix);
    expect(secret.startsWith(prefix.slice(0, 4))).toBe(true);
    expect(prefix.length).toBeLessThanOrEqual(12);
  });
});
