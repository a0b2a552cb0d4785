import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid, uidOf } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { bearer, changeMembership, INVALID, organization, TRANSPORTS } from './callers.ts';

const AuthCreateAccountNamed = graphql(`
  mutation AuthCreateAccountNamed($name: String!) { createAccount(input: { name: $name }) { account { id } } }
`);
const AuthWhatIsThere = graphql(`
  query AuthWhatIsThere($id: ID!) {
    accounts { totalCount nodes { id name } }
    account(id: $id) { id }
    node(id: $id) { id }
    memberships { nodes { user { name email } role } }
    viewer { organization { name } membership { id role crmAccess } memberships { id organization { id name } role isActive } }
  }
`);

const gateway = useGateway();
let inA: Caller;
let inB: Caller;
const ids = { strangers: '' };

beforeAll(async () => {
  const [a, b, c] = [
    await gateway().organization('A'),
    await gateway().organization('B'),
    await gateway().organization('C'),
  ];
  const email = 'ada@both.example';
  // One person: in A an admin, in B a viewer without CRM access.
  inA = await gateway().member(a, { email, role: 'ADMIN' });
  const { organizationId } = await gateway().member(b, { email, role: 'VIEWER', crmAccess: false });
  inB = { ...inA, organizationId };
  await gateway().member(a, { email: 'only@a.example' });
  await gateway().member(b, { email: 'only@b.example' });
  ids.strangers = (await gateway().member(c, { email: 'cleo@c.example' })).organizationId;
});

describe.each(TRANSPORTS)('over $transport a member of two organizations', ({ transport, call, refused }) => {
  const choices = () => [
    { id: inA.organizationId, name: 'A' },
    { id: inB.organizationId, name: 'B' },
  ];

  it('is asked which one, and told which there are', async () => {
    const answer = await call(gateway(), bearer(inA.token));
    expect(answer).toMatchObject({ status: refused.BAD_USER_INPUT, code: 'BAD_USER_INPUT' });
    expect(answer.message).toMatch(/^Choose an organization with X-Organization-ID: A \(org_/);
    // The reason of a closing socket holds 123 bytes: the list is for whoever asks over HTTP.
    if (transport === 'HTTP') expect(answer.organizations).toEqual(choices());
  });

  it.each(['A', 'B'])('is in %s when they choose it', async (name) => {
    const chosen = name === 'A' ? inA : inB;
    const { viewer } = await call(gateway(), { ...bearer(inA.token), ...organization(chosen.organizationId) });
    expect(viewer).toMatchObject({ organization: { name }, membership: { role: name === 'A' ? 'ADMIN' : 'VIEWER' } });
  });

  it('is told the same of every other choice: a stranger’s, none at all, junk', async () => {
    const uid = uidOf('Organization', inA.organizationId) as string;
    const wrong = [
      ids.strangers,
      encodeId('Organization', newUid()),
      encodeId('User', uid),
      uid,
      uid.toLowerCase(),
      'A',
      '1',
      '',
    ];
    const answers = new Set<string>();
    for (const id of wrong)
      answers.add(JSON.stringify(await call(gateway(), { ...bearer(inA.token), ...organization(id) })));
    expect(answers.size).toBe(1);
    const [answer] = [...answers].map((text) => JSON.parse(text));
    expect(answer).toMatchObject({
      status: refused.BAD_USER_INPUT,
      code: 'BAD_USER_INPUT',
      message: 'X-Organization-ID names no organization of yours.',
    });
    if (transport === 'HTTP') expect(answer.organizations).toEqual(choices());
  });

  it('is not asked once they have left one, and is nobody in that one', async () => {
    await changeMembership(gateway(), inB, { isActive: false });
    expect(await call(gateway(), bearer(inA.token))).toHaveProperty('viewer.organization.name', 'A');
    const left = await call(gateway(), { ...bearer(inA.token), ...organization(inB.organizationId) });
    expect(left).toMatchObject({ code: 'BAD_USER_INPUT' });
    await changeMembership(gateway(), inA, { isActive: false });
    expect(await call(gateway(), bearer(inA.token))).toEqual({ status: refused.UNAUTHENTICATED, ...INVALID });
    for (const each of [inA, inB]) await changeMembership(gateway(), each, { isActive: true });
  });
});

it('shows someone in two organizations each one’s data only', async () => {
  await changeMembership(gateway(), inB, { crmAccess: true });
  const only = await gateway().member(await gateway().organization('D'), { email: 'dan@d.example', role: 'ADMIN' });
  const made = async (by: Caller, name: string) =>
    (await gateway().ask(by, AuthCreateAccountNamed, { name })).createAccount.account?.id as string;
  await made(only, 'of D');
  const ofA = await made(inA, 'of A');
  // As a viewer they write nothing in B: what is there is another’s.
  await changeMembership(gateway(), inB, { role: 'MEMBER' });
  const ofB = await made(inB, 'of B');
  await changeMembership(gateway(), inB, { role: 'VIEWER' });

  for (const [own, other, caller, name] of [
    [ofA, ofB, inA, 'A'],
    [ofB, ofA, inB, 'B'],
  ] as const) {
    const foreign = await gateway().ask(caller, AuthWhatIsThere, { id: other });
    expect(foreign.accounts).toEqual({ totalCount: 1, nodes: [{ id: own, name: `of ${name}` }] });
    expect(foreign).toMatchObject({ account: null, node: null });
    const people = foreign.memberships.nodes.map(({ user }) => user.email);
    expect(people).toEqual(['ada@both.example', `only@${name.toLowerCase()}.example`]);
    expect(foreign.viewer.membership.role).toBe(name === 'A' ? 'ADMIN' : 'VIEWER');
    // Their own memberships are theirs to see, wherever they are.
    expect(foreign.viewer.memberships.map(({ organization }) => organization.name)).toEqual(['A', 'B']);
    expect(await gateway().ask(caller, AuthWhatIsThere, { id: own })).toMatchObject({
      account: { id: own },
      node: { id: own },
    });
  }
});
