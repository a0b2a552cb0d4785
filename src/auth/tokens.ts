import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify, SignJWT } from 'jose';
import { encodeId, uidOf } from '../ids.ts';
import { Fault } from '../refusals.ts';

const ISSUER = 'taskwire';

export interface TokenSettings {
  /** HS256 with this secret; or, with `jwksUrl`, whatever that publishes. */
  readonly secret: string;
  readonly jwksUrl: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
}

/** Whom a token speaks for: a user by id, or a person by e-mail when another issuer knows no ids of ours. */
export interface TokenSubject {
  readonly userUid: string | null;
  readonly email: string | null;
  readonly expiresAt: Date;
}

export interface Tokens {
  /**
   * Null for every token that is not good: expired, forged, of another issuer, malformed. SERVICE_UNAVAILABLE when the
   * published keys cannot be had.
   */
  verify(token: string): Promise<TokenSubject | null>;
}

const clockTolerance = 5;
/** The latest instant that a Date can hold: a token may say that it expires after the end of time. */
const LAST_INSTANT = 8.64e15;

/** The published keys, fetched when they are first needed, when they are old, and for a key that is not among them. */
function publishedKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url));
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      // The token's own fault: it names no key of theirs, or one that cannot be meant.
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      const fault = new Fault('SERVICE_UNAVAILABLE', 'The keys of the identity provider cannot be had right now.');
      throw Object.assign(fault, { cause: error });
    }
  };
}

export function createTokens({ secret, jwksUrl, issuer, audience }: TokenSettings): Tokens {
  const remote = jwksUrl === null ? null : publishedKeys(jwksUrl);
  const local = new TextEncoder().encode(secret);
  const common = { clockTolerance, requiredClaims: ['exp', 'sub'], ...(audience !== null && { audience }) };

  const check = async (token: string): Promise<JWTPayload> => {
    if (remote === null) {
      const { payload } = await jwtVerify(token, local, { ...common, algorithms: ['HS256'], issuer: issuer ?? ISSUER });
      return payload;
    }
    // Asymmetric algorithms only: a published key must never be taken for an HMAC's secret.
    const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'];
    const options = { ...common, algorithms, ...(issuer !== null && { issuer }) };
    const { payload } = await jwtVerify(token, remote, options);
    return payload;
  };

  return {
    async verify(token) {
      try {
        const { sub = '', exp = 0, email, email_verified } = await check(token);
        const trusted = remote !== null && typeof email === 'string' && email_verified === true;
        return {
          userUid: uidOf('User', sub),
          email: trusted ? email.toLowerCase() : null,
          expiresAt: new Date(Math.min(exp * 1000, LAST_INSTANT)),
        };
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        return null;
      }
    },
  };
}

/** A bearer token for a user, signed with the local secret and naming what the settings want named. */
export const signToken = (
  secret: string,
  userUid: string,
  hours: number,
  { issuer, audience }: Partial<Pick<TokenSettings, 'issuer' | 'audience'>> = {},
): Promise<string> =>
  new SignJWT(audience ? { aud: audience } : {})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(encodeId('User', userUid))
    .setIssuer(issuer ?? ISSUER)
    .setIssuedAt()
    .setExpirationTime(`${hours}h`)
    .sign(new TextEncoder().encode(secret));
