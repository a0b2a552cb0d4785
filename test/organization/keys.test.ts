import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid, uidOf } from '../../src/ids.ts';
import { refuseKey, refuseRevocation } from '../../src/organization/rules.ts';
import { findKeyByUid } from '../../src/organization/store.ts';
import type { CreateApiKeyInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { type Caller, useGateway } from '../support/gateway.ts';

const OrganizationCreateKey = graphql(`
  mutation OrganizationCreateKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      secret
      apiKey { id name prefix createdAt lastUsedAt expiresAt revokedAt membership { id role crmAccess isActive user { name email isSystem } } }
      errors { __typename code message path }
    }
  }
`);
const OrganizationRevokeKey = graphql(`
  mutation OrganizationRevokeKey($id: ID!) {
    revokeApiKey(input: { id: $id }) { apiKey { id revokedAt membership { isActive } } errors { __typename code path } }
  }
`);
const OrganizationKeyNode = graphql(`
  query OrganizationKeyNode($id: ID!) { node(id: $id) { id ... on ApiKey { name revokedAt } ... on Event { kind subjectId changes { field from to } actor { id } } } }
`);
const OrganizationLog = graphql(`query OrganizationLog { viewer { logCursor } }`);

const now = new Date('2026-03-01T10:00:00.000Z');
const gateway = useGateway({ now: () => now });
let admin: Caller;
let member: Caller;
let organizationId: bigint;
beforeAll(async () => {
  const organization = await gateway().organization('A');
  organizationId = organization.id;
  admin = await gateway().member(organization, { email: 'admin@a.example', role: 'ADMIN' });
  member = await gateway().member(organization, { email: 'member@a.example' });
});

const create = async (input: CreateApiKeyInput) =>
  (await gateway().ask(admin, OrganizationCreateKey, { input })).createApiKey;
const revoke = async (id: string) => (await gateway().ask(admin, OrganizationRevokeKey, { id })).revokeApiKey;
/** The event of the organization's latest write. */
const lastEvent = async () => {
  const { viewer } = await gateway().ask(admin, OrganizationLog);
  const [uid, seq] = Buffer.from(viewer.logCursor, 'base64url').toString().split('.');
  return `evt_${uid}-${seq}`;
};

describe('a new API key', () => {
  it('is a member of its own, named after it, with the role and access that were chosen', async () => {
    const { secret, apiKey, errors } = await create({
      name: '  Importer ',
      role: 'VIEWER',
      crmAccess: false,
      expiresAt: '2026-03-01T10:00:00.001Z',
    });
    expect(errors).toEqual([]);
    expect(secret).toMatch(/^twk_[0-9A-Z]{26}_[\w-]{32}$/);
    expect(apiKey).toMatchObject({
      name: 'Importer',
      createdAt: now.toISOString(),
      lastUsedAt: null,
      expiresAt: '2026-03-01T10:00:00.001Z',
      revokedAt: null,
      membership: {
        role: 'VIEWER',
        crmAccess: false,
        isActive: true,
        user: { name: 'Importer', email: null, isSystem: true },
      },
    });
  });

  it('is a member with CRM access that never expires, where nothing is said', async () => {
    const { apiKey } = await create({ name: 'Plain' });
    expect(apiKey).toMatchObject({ expiresAt: null, membership: { role: 'MEMBER', crmAccess: true } });
  });

  it('has a text of its own even if it has the name of another', async () => {
    const [one, two] = [await create({ name: 'Twin' }), await create({ name: 'Twin' })];
    expect(one.secret).not.toBe(two.secret);
    expect(one.apiKey?.id).not.toBe(two.apiKey?.id);
  });

  it('is told of in the log, without its text', async () => {
    const { apiKey, secret } = await create({ name: 'Logged', role: 'ADMIN' });
    const id = await lastEvent();
    const { node } = await gateway().ask(admin, OrganizationKeyNode, { id });
    expect(node).toMatchObject({
      kind: 'API_KEY_CREATED',
      subjectId: apiKey?.id,
      actor: { id: admin.userId },
      changes: [
        { field: 'name', from: null, to: 'Logged' },
        { field: 'role', from: null, to: 'ADMIN' },
        { field: 'crmAccess', from: null, to: true },
      ],
    });
    expect(JSON.stringify(node)).not.toContain(secret);
    // Of keys admins are told, and nobody else.
    expect((await gateway().ask(member, OrganizationKeyNode, { id })).node).toBeNull();
    expect((await gateway().ask(member, OrganizationKeyNode, { id: apiKey?.id as string })).node).toBeNull();
  });

  it.each([
    ['no name', { name: ' ' }, [['name']]],
    ['a name that is too long', { name: 'x'.repeat(256) }, [['name']]],
    ['an end that is now', { name: 'x', expiresAt: now.toISOString() }, [['expiresAt']]],
    ['both', { name: '', expiresAt: '2020-01-01T00:00:00Z' }, [['name'], ['expiresAt']]],
  ])('is refused with %s', async (_, input, paths) => {
    const before = await lastEvent();
    const { secret, apiKey, errors } = await create(input);
    expect({ secret, apiKey }).toEqual({ secret: null, apiKey: null });
    expect(errors.map(({ __typename, code, path }) => [__typename, code, path])).toEqual(
      paths.map((path) => ['InvalidError', 'INVALID', path]),
    );
    expect(await lastEvent()).toBe(before);
  });
});

describe('revoking an API key', () => {
  it('ends it and its membership, and is told of in the log', async () => {
    const id = (await create({ name: 'Ended' })).apiKey?.id as string;
    expect(await revoke(id)).toEqual({
      apiKey: { id, revokedAt: now.toISOString(), membership: { isActive: false } },
      errors: [],
    });
    const { node } = await gateway().ask(admin, OrganizationKeyNode, { id: await lastEvent() });
    expect(node).toMatchObject({
      kind: 'API_KEY_REVOKED',
      subjectId: id,
      changes: [{ field: 'revokedAt', from: null, to: now.toISOString() }],
    });
    expect((await gateway().ask(admin, OrganizationKeyNode, { id })).node).toMatchObject({
      name: 'Ended',
      revokedAt: now.toISOString(),
    });
  });

  it('is a conflict the second time, and NOT_FOUND of what is no key', async () => {
    const id = (await create({ name: 'Twice' })).apiKey?.id as string;
    await revoke(id);
    const before = await lastEvent();
    expect(await revoke(id)).toEqual({
      apiKey: null,
      errors: [{ __typename: 'ConflictError', code: 'CONFLICT', path: ['id'] }],
    });
    for (const other of ['junk', encodeId('ApiKey', newUid()), admin.userId]) {
      expect(await revoke(other)).toEqual({
        apiKey: null,
        errors: [{ __typename: 'NotFoundError', code: 'NOT_FOUND', path: ['id'] }],
      });
    }
    expect(await lastEvent()).toBe(before);
  });

  it('happens once when it is asked for three times at once', async () => {
    const id = (await create({ name: 'Raced' })).apiKey?.id as string;
    const { db } = gateway().app.runtime;
    const waiting = async () => {
      const text = `/* test.waiting */ SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      return (await db.prisma.$queryRawUnsafe<[{ n: number }]>(text))[0].n;
    };
    // Held until all three have read the key, or wait to read it.
    const asked = await db.transaction(organizationId, async (tx) => {
      await findKeyByUid(tx, uidOf('ApiKey', id) as string);
      const asked = [revoke(id), revoke(id), revoke(id)];
      await expect.poll(waiting).toBe(3);
      return { asked };
    });
    const codes = (await Promise.all(asked.asked)).map(({ errors }) => errors[0]?.code ?? 'done');
    expect(codes.toSorted()).toEqual(['CONFLICT', 'CONFLICT', 'done']);
  });
});

describe('the rules of keys', () => {
  it.each([
    [1, []],
    [255, []],
    [256, ['name']],
  ])('allow names of %i characters: %j', (length, path) => {
    expect(
      refuseKey({ name: ` ${'x'.repeat(length)} `, expiresAt: null }, now).flatMap((refusal) => refusal.path),
    ).toEqual(path);
  });

  it('say why a key cannot be revoked', () => {
    expect(refuseRevocation(null)?.code).toBe('NOT_FOUND');
    expect(refuseRevocation({ revokedAt: now })?.code).toBe('CONFLICT');
    expect(refuseRevocation({ revokedAt: null })).toBeNull();
  });
});
