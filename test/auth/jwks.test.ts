import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokens, signToken } from '../../src/auth/tokens.ts';
import { encodeId, newUid, uidOf } from '../../src/ids.ts';
import { type Caller, JWT_SECRET, useGateway } from '../support/gateway.ts';
import { bearer, INVALID, TRANSPORTS } from './callers.ts';

interface Key {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

async function makeKey(kid: string, alg: string): Promise<Key> {
  const pair = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, ...pair, jwk: { ...(await exportJWK(pair.publicKey)), kid, alg, use: 'sig' } };
}

const [rsa, ec, next] = await Promise.all([makeKey('rsa', 'RS256'), makeKey('ec', 'ES256'), makeKey('next', 'ES256')]);

/** What the identity provider publishes, or how it fails; and how often it was asked. */
const idp = { keys: [] as JWK[], status: 200, body: null as string | null, asked: 0 };
const server = createServer((_request, response) => {
  idp.asked += 1;
  response.writeHead(idp.status, { 'content-type': 'application/json' });
  response.end(idp.body ?? JSON.stringify({ keys: idp.keys }));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(() => {
  Object.assign(idp, { keys: [rsa.jwk, ec.jwk], status: 200, body: null, asked: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const uid = newUid();
const seconds = () => Math.floor(Date.now() / 1000);
const claims = (): JWTPayload => ({
  sub: encodeId('User', uid),
  iss: 'https://id.example/',
  aud: 'taskwire',
  exp: seconds() + 3600,
});
const sign = ({ kid, alg, privateKey }: Key, change: JWTPayload = {}, header: object = {}) =>
  new SignJWT({ ...claims(), ...change }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);

const settings = { secret: JWT_SECRET, jwksUrl, issuer: 'https://id.example/', audience: 'taskwire' };
const unavailable = { code: 'SERVICE_UNAVAILABLE' };

describe('with published keys a token', () => {
  it.each([rsa, ec])('of $alg is good', async (key) => {
    const exp = seconds() + 60;
    const subject = { userUid: uid, email: null, expiresAt: new Date(exp * 1000) };
    expect(await createTokens(settings).verify(await sign(key, { exp }))).toEqual(subject);
  });

  it('is good however often, and the keys are asked for once', async () => {
    const tokens = createTokens(settings);
    const token = await sign(ec);
    expect(await Promise.all(Array.from({ length: 20 }, () => tokens.verify(token)))).not.toContain(null);
    expect(idp.asked).toBe(1);
  });

  it('of a key that is published later is good once that may be asked for again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const tokens = createTokens(settings);
    await tokens.verify(await sign(ec));
    idp.keys = [next.jwk];
    const token = await sign(next);
    // Whoever makes up key ids must not have us ask for each.
    for (let times = 0; times < 5; times += 1) expect(await tokens.verify(token)).toBeNull();
    expect(idp.asked).toBe(1);
    vi.setSystemTime(Date.now() + 31_000);
    expect(await tokens.verify(token)).toMatchObject({ userUid: uid });
    expect(idp.asked).toBe(2);
    // The key that is gone from there opens nothing any more.
    expect(await tokens.verify(await sign(ec))).toBeNull();
  });

  const mac = async (secret: string | Uint8Array) => {
    const signed = [{ alg: 'HS256', kid: 'rsa' }, claims()]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
  };
  const bad: [string, () => string | Promise<string>][] = [
    ['made as an HMAC with the public key as PEM', async () => mac(await exportSPKI(rsa.publicKey))],
    ['made as an HMAC with the modulus', () => mac(Buffer.from(rsa.jwk.n as string, 'base64url'))],
    ['made as an HMAC with the text of the key', () => mac(JSON.stringify(rsa.jwk))],
    ['of the local secret', () => signToken(JWT_SECRET, uid, 1)],
    ['of nobody’s signature', async () => `${(await sign(ec)).split('.').slice(0, 2).join('.')}.`],
    ['of another key under a known id', () => sign({ ...next, kid: 'ec' })],
    ['of a key for another algorithm', () => sign({ ...ec, kid: 'rsa' })],
    ['expired', () => sign(ec, { exp: seconds() - 60 })],
    ['of another issuer', () => sign(ec, { iss: 'https://id.evil/' })],
    ['for another application', () => sign(ec, { aud: 'another' })],
    ['for no application', () => sign(ec, { aud: undefined as never })],
    [
      'without a key id, where several fit',
      async () => {
        idp.keys.push(next.jwk);
        return sign(ec, {}, { kid: undefined });
      },
    ],
  ];
  it.each(bad)('that is %s is refused', async (_, token) => {
    expect(await createTokens(settings).verify(await token())).toBeNull();
  });

  it('vouches for an e-mail address only when it says that it was verified', async () => {
    const tokens = createTokens(settings);
    const emailOf = async (change: JWTPayload) =>
      (await tokens.verify(await sign(ec, { sub: 'idp|1', ...change })))?.email;
    expect(await emailOf({ email: 'Ada@A.example', email_verified: true })).toBe('ada@a.example');
    for (const email_verified of [false, undefined, null, 'true', 1]) {
      expect(
        await emailOf({ email: 'ada@a.example', ...(email_verified !== undefined && { email_verified }) }),
      ).toBeNull();
    }
    expect(await emailOf({ email: ['ada@a.example'], email_verified: true })).toBeNull();
  });
});

describe('while the keys cannot be had a token', () => {
  it.each([
    ['answers with an error', { status: 500 }],
    ['does not know the page', { status: 404 }],
    ['sends elsewhere', { status: 302 }],
    ['answers in HTML', { body: '<html>' }],
    ['answers with no keys', { body: '{}' }],
  ])('is SERVICE_UNAVAILABLE when the provider %s', async (_, answer) => {
    Object.assign(idp, answer);
    const tokens = createTokens(settings);
    const token = await sign(ec);
    await expect(tokens.verify(token)).rejects.toMatchObject(unavailable);
    // What needs no keys to be seen through is refused as ever.
    expect(await tokens.verify('junk')).toBeNull();
    expect(await tokens.verify(await signToken(JWT_SECRET, uid, 1))).toBeNull();
    Object.assign(idp, { status: 200, body: null });
    expect(await tokens.verify(token)).toMatchObject({ userUid: uid });
  });

  it('is SERVICE_UNAVAILABLE when nobody listens there', async () => {
    const tokens = createTokens({ ...settings, jwksUrl: 'http://127.0.0.1:1/jwks' });
    await expect(tokens.verify(await sign(ec))).rejects.toMatchObject(unavailable);
  });
});

describe.each(TRANSPORTS)('a gateway with published keys, over $transport', ({ transport, call, refused }) => {
  const gateway = useGateway({
    env: { JWKS_URL: jwksUrl, JWT_ISSUER: 'https://id.example/', JWT_AUDIENCE: 'taskwire' },
  });
  let ada: Caller;
  beforeAll(async () => {
    ada = await gateway().member(await gateway().organization('A'), { email: 'ada@a.example' });
  });

  it('says SERVICE_UNAVAILABLE while it has no keys, so that clients come again', async () => {
    idp.status = 503;
    const answer = await call(gateway(), bearer(await sign(ec)));
    expect(answer).toMatchObject({ status: transport === 'HTTP' ? 503 : 1013, code: 'SERVICE_UNAVAILABLE' });
  });

  it('knows a person by our id', async () => {
    const { viewer } = await call(gateway(), bearer(await sign(rsa, { sub: ada.userId })));
    expect(viewer?.user.id).toBe(ada.userId);
  });

  it('knows a person by a verified e-mail address, in any case', async () => {
    const sent = { sub: 'idp|7', email: 'ADA@a.example', email_verified: true };
    expect((await call(gateway(), bearer(await sign(ec, sent)))).viewer?.user.id).toBe(ada.userId);
    for (const change of [{ email_verified: false }, { email: 'nobody@a.example' }]) {
      const answer = await call(gateway(), bearer(await sign(ec, { ...sent, ...change })));
      expect(answer).toEqual({ status: refused.UNAUTHENTICATED, ...INVALID });
    }
  });

  it('takes an id of ours that is nobody’s for nobody’s, whatever the e-mail address', async () => {
    const sent = { sub: encodeId('User', newUid()), email: 'ada@a.example', email_verified: true };
    expect(await call(gateway(), bearer(await sign(ec, sent)))).toMatchObject(INVALID);
  });

  it('does not know the local secret', async () => {
    const token = await signToken(JWT_SECRET, uidOf('User', ada.userId) as string, 1);
    expect(await call(gateway(), bearer(token))).toMatchObject(INVALID);
  });
});
