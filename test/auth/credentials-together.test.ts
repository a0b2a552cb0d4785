import { beforeAll, describe, expect, it } from 'vitest';
import { hashApiKey, newApiKey } from '../../src/auth/secrets.ts';
import type { Viewer } from '../../src/auth/viewer.ts';
import { newUid, uidOf } from '../../src/ids.ts';
import { createApiKey } from '../../src/organization/service.ts';
import { type Caller, type Gateway, useGateway } from '../support/gateway.ts';
import { apiKey, bearer, type Credentials, INVALID, organization, TRANSPORTS } from './callers.ts';

interface People {
  /** A member of both organizations. */
  readonly ada: Caller;
  readonly a: string;
  readonly b: string;
  readonly keyOfA: string;
  readonly keyOfC: string;
}

/** Ada in A and B, and a key in A and in C. */
async function people(gateway: Gateway): Promise<People> {
  const [a, b, c] = [await gateway.organization('A'), await gateway.organization('B'), await gateway.organization('C')];
  const email = 'ada@a.example';
  const ada = await gateway.member(a, { email, role: 'ADMIN' });
  const { organizationId } = await gateway.member(b, { email, role: 'VIEWER' });
  const cleo = await gateway.member(c, { email: 'cleo@c.example', role: 'ADMIN' });
  const keyOf = async (of: { id: bigint; assistantId: bigint }, outward: string) => {
    const organizationUid = uidOf('Organization', outward) as string;
    const by = {
      organizationId: of.id,
      organizationUid,
      userId: of.assistantId,
      membershipKind: 'ASSISTANT',
    } as Viewer;
    const input = { name: 'Key', role: 'MEMBER', crmAccess: true, expiresAt: null } as const;
    return (await createApiKey(gateway.app.runtime, by, input)).value?.secret as string;
  };
  const [keyOfA, keyOfC] = [await keyOf(a, ada.organizationId), await keyOf(c, cleo.organizationId)];
  return { ada, a: ada.organizationId, b: organizationId, keyOfA, keyOfC };
}

describe.each(TRANSPORTS)('over $transport a bearer token and an API key together', ({ call, refused }) => {
  const gateway = useGateway();
  let all: People;
  beforeAll(async () => {
    all = await people(gateway());
  });
  const nobody = { status: refused.UNAUTHENTICATED, ...INVALID };

  it('act as the bearer, in the organization of the key', async () => {
    const { ada, a, keyOfA } = all;
    const { viewer } = await call(gateway(), { ...bearer(ada.token), ...apiKey(keyOfA) });
    expect(viewer).toMatchObject({ user: { id: ada.userId }, organization: { id: a }, membership: { role: 'ADMIN' } });
  });

  it('are refused when the key is of an organization that the bearer is no member of', async () => {
    const { ada, keyOfC } = all;
    expect(await call(gateway(), { ...bearer(ada.token), ...apiKey(keyOfC) })).toEqual(nobody);
  });

  it('are refused when either of them is bad, with one and the same answer', async () => {
    const { ada, a, keyOfA } = all;
    const none = newApiKey(uidOf('Organization', a) as string);
    for (const credentials of [
      { ...bearer('junk'), ...apiKey(keyOfA) },
      { ...bearer(ada.token), ...apiKey('junk') },
      { ...bearer(ada.token), ...apiKey(none) },
      { ...bearer(''), ...apiKey(keyOfA) },
      { ...bearer(ada.token), ...apiKey('') },
    ]) {
      expect(await call(gateway(), credentials)).toEqual(nobody);
    }
  });

  it('do not reach another organization of the bearer’s', async () => {
    const { ada, a, b, keyOfA } = all;
    const both = { ...bearer(ada.token), ...apiKey(keyOfA) };
    expect(await call(gateway(), { ...both, ...organization(a) })).toHaveProperty('viewer.organization.id', a);
    const wrong = await call(gateway(), { ...both, ...organization(b) });
    expect(wrong).toMatchObject({ status: refused.BAD_USER_INPUT, code: 'BAD_USER_INPUT' });
  });
});

describe.each(TRANSPORTS)('over $transport with REQUIRE_ALL_CREDENTIALS', ({ transport, call, refused }) => {
  const gateway = useGateway({ env: { REQUIRE_ALL_CREDENTIALS: 'true' } });
  let sent: Record<'authorization' | 'key' | 'organization', Credentials>;
  beforeAll(async () => {
    const { ada, a, keyOfA } = await people(gateway());
    sent = { authorization: bearer(ada.token), key: apiKey(keyOfA), organization: organization(a) };
  });

  it('all three let in [THENA-A21]', async () => {
    const { authorization, key, organization } = sent;
    const { viewer } = await call(gateway(), { ...authorization, ...key, ...organization });
    expect(viewer).toMatchObject({ user: { name: 'ada' }, organization: { name: 'A' } });
  });

  it.each([
    ['authorization'],
    ['key'],
    ['organization'],
    ['authorization', 'key'],
    ['authorization', 'organization'],
  ] as const)('all three are asked for when there is no %s (nor %s) [THENA-A21]', async (...without) => {
    const given = Object.entries(sent).filter(([name]) => !(without as readonly string[]).includes(name));
    expect(await call(gateway(), Object.assign({}, ...given.map(([, part]) => part)))).toEqual({
      status: refused.UNAUTHENTICATED,
      code: 'UNAUTHENTICATED',
      message: 'Send Authorization, X-API-Key and X-Organization-ID.',
    });
  });

  it('nothing at all is refused like anywhere else, and introspection stays open', async () => {
    expect(await call(gateway(), {})).toMatchObject({ status: refused.UNAUTHENTICATED, code: 'UNAUTHENTICATED' });
    if (transport === 'HTTP')
      expect((await gateway().send(null, '{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});

describe('what is stored of a key', () => {
  it('depends on the secret and on the key, and gives neither away', () => {
    const key = newApiKey(newUid());
    const [one, two] = ['s'.repeat(32), 't'.repeat(32)];
    expect(hashApiKey(one, key)).toBe(hashApiKey(one, key));
    const hashes = [hashApiKey(one, key), hashApiKey(two, key), hashApiKey(one, `${key}x`)];
    expect(new Set(hashes).size).toBe(3);
    for (const hash of hashes) expect(hash).toMatch(/^[\w-]{43}$/);
  });

  it('is of 192 random bits', () => {
    const uid = newUid();
    const keys = Array.from({ length: 50 }, () => newApiKey(uid));
    expect(new Set(keys).size).toBe(50);
    for (const key of keys) expect(key).toMatch(new RegExp(`^twk_${uid}_[\\w-]{32}$`));
  });
});
