import { createHmac, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTokens } from '../../src/auth/tokens.ts';
import { decodeId, encodeId, newUid } from '../../src/ids.ts';
import { type Caller, JWT_SECRET, useGateway } from '../support/gateway.ts';
import { bearer, changeMembership, INVALID, TRANSPORTS } from './callers.ts';

// The clock of sockets stands still: one whose token has just ended would be closed by it before it is asked anything.
const limits = { tickMs: 60_000 };
const gateway = useGateway({ limits });
const elsewhere = useGateway({ limits, env: { JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'taskwire' } });
let ada: Caller;
let gone: Caller;
let assistant: string;

beforeAll(async () => {
  const organization = await gateway().organization('A');
  ada = await gateway().member(organization, { email: 'ada@a.example', role: 'ADMIN' });
  gone = await gateway().member(organization, { email: 'gone@a.example' });
  await changeMembership(gateway(), gone, { isActive: false });
  const where = { id: organization.assistantId };
  assistant = encodeId('User', (await gateway().app.runtime.db.prisma.user.findUniqueOrThrow({ where })).uid);
});

const seconds = () => Math.floor(Date.now() / 1000);
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = () => ({ sub: ada.userId, iss: 'taskwire', iat: seconds(), exp: seconds() + 600 });

/** A token as ours are, with other claims (undefined: without), another header, another secret. By hand, to sign anything. */
function sign(change: object = {}, header: object = {}, secret = JWT_SECRET, hash = 'sha256'): string {
  const signed = `${encode({ alg: 'HS256', ...header })}.${encode({ ...claims(), ...change })}`;
  return `${signed}.${createHmac(hash, secret).update(signed).digest('base64url')}`;
}

const BAD: [string, () => string | Promise<string>][] = [
  ['expired', () => sign({ exp: seconds() - 60 })],
  ['not yet valid', () => sign({ nbf: seconds() + 60 })],
  ['signed with another secret', () => sign({}, {}, `${JWT_SECRET}.`)],
  ['signed with nothing', () => sign({}, {}, '\0')],
  ['of another algorithm of the same family', () => sign({}, { alg: 'HS512' }, JWT_SECRET, 'sha512')],
  ['unsigned, saying so', () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
  ['unsigned, in other letters', () => `${encode({ alg: 'NONE' })}.${encode(claims())}.`],
  ['signed with a key that it brings along', bringsItsKey],
  ['without an end', () => sign({ exp: undefined })],
  ['with an end that is no number', () => sign({ exp: '9999999999' })],
  ['without a subject', () => sign({ sub: undefined })],
  ['of a subject that is no text', () => sign({ sub: 7 })],
  ['of an empty subject', () => sign({ sub: '' })],
  ['of nobody', () => sign({ sub: encodeId('User', newUid()) })],
  ['of an id of another type', () => sign({ sub: encodeId('Membership', decodeId(ada.userId)?.uid ?? '') })],
  [
    'of an e-mail address alone, as only published keys may vouch for',
    () => sign({ sub: 'x', email: 'ada@a.example', email_verified: true }),
  ],
  ['of a member who has left', () => sign({ sub: gone.userId })],
  ['of the assistant, who is no person', () => sign({ sub: assistant })],
  ['of another issuer', () => sign({ iss: 'someone' })],
  ['of no issuer', () => sign({ iss: undefined })],
  ['cut short', () => sign().slice(0, -2)],
  ['with other claims under the same signature', otherClaims],
  ['with a critical header that nobody knows', () => sign({}, { crit: ['x'], x: 1 })],
  ['no token at all', () => 'junk'],
  ['nothing', () => ''],
  ['two tokens', () => `${sign()} ${sign()}`],
];

function otherClaims() {
  const [header, , signature] = sign().split('.');
  return [header, encode({ ...claims(), sub: gone.userId }), signature].join('.');
}

async function bringsItsKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = { alg: 'ES256', jwk: publicKey.export({ format: 'jwk' }) };
  return new SignJWT(claims()).setProtectedHeader(header as never).sign(privateKey);
}

it('that says it ends after the end of time ends then, not at no time at all', async () => {
  const tokens = createTokens({ secret: JWT_SECRET, jwksUrl: null, issuer: null, audience: null });
  // A Date that is none compares with nothing: sockets would close at once, or never.
  expect((await tokens.verify(sign({ exp: 1e300 })))?.expiresAt.getTime()).toBe(8.64e15);
  expect((await tokens.verify(sign({ exp: 2e9 })))?.expiresAt).toEqual(new Date(2e12));
});

describe.each(TRANSPORTS)('over $transport a bearer token', ({ call, refused }) => {
  it('acts as its user', async () => {
    const { viewer } = await call(gateway(), bearer(sign()));
    expect(viewer).toMatchObject({
      user: { id: ada.userId, name: 'ada', isSystem: false },
      membership: { role: 'ADMIN' },
    });
    expect(viewer?.organization.id).toBe(ada.organizationId);
  });

  it('is good until its end, give or take what clocks differ by', async () => {
    for (const change of [{ exp: seconds() - 2 }, { nbf: seconds() + 2 }, { exp: 1e300 }, { iat: seconds() + 3600 }]) {
      // A socket of a token that has just ended is closed soon after: it is let in all the same.
      expect(await call(gateway(), bearer(sign(change)))).toHaveProperty('viewer');
    }
  });

  it.each(BAD)('is refused when it is %s', async (_, token) => {
    expect(await call(gateway(), bearer(await token()))).toEqual({ status: refused.UNAUTHENTICATED, ...INVALID });
  });

  it.each(['Basic YTpi', 'Bearer', 'Token', ''])('is not what is sent as Authorization: %j', async (authorization) => {
    expect(await call(gateway(), { Authorization: authorization })).toEqual({
      status: refused.UNAUTHENTICATED,
      ...INVALID,
    });
  });

  it('is announced in any case and spacing', async () => {
    for (const word of ['bearer', 'BEARER', 'Bearer  ']) {
      expect(await call(gateway(), { authorization: `${word} ${sign()}` })).toHaveProperty('viewer');
    }
  });

  it('is of the issuer and the audience that are set', async () => {
    const bob = await elsewhere().member(await elsewhere().organization('B'), { email: `${newUid()}@b.example` });
    const good = { sub: bob.userId, iss: 'https://id.example', aud: ['other', 'taskwire'] };
    expect(await call(elsewhere(), bearer(sign(good)))).toHaveProperty('viewer.user.id', bob.userId);
    for (const change of [{ aud: undefined }, { aud: 'other' }, { aud: [] }, { iss: 'taskwire' }, { iss: undefined }]) {
      const answer = await call(elsewhere(), bearer(sign({ ...good, ...change })));
      expect(answer).toEqual({ status: refused.UNAUTHENTICATED, ...INVALID });
    }
  });
});
