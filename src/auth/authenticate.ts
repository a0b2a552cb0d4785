import type { Database } from '../db/database.ts';
import { encodeId, uidOf } from '../ids.ts';
import { Fault } from '../refusals.ts';
import { offsetTimeZone, parseTimeZone } from '../time.ts';
import { apiKeyOrganization, hashApiKey } from './secrets.ts';
import { type KeyStanding, type Standing, standingByKey, standingsOf, touchKey } from './store.ts';
import type { Tokens } from './tokens.ts';
import type { Viewer } from './viewer.ts';

/** What a caller sent, by name; HTTP headers and a socket's connectionParams alike. */
export interface Sent {
  header(name: string): string | undefined;
}

export interface Authenticator {
  readonly db: Database;
  readonly tokens: Tokens;
  readonly apiKeySecret: string;
  readonly requireAll: boolean;
  readonly now: () => Date;
}

const KEY_TOUCH_MS = 60_000;

// One answer to every kind of bad credential: which of them failed, and how, is nobody's business.
const unauthenticated = () => new Fault('UNAUTHENTICATED', 'These credentials are not valid.');

/**
 * The viewer whom the credentials name; null when there are none. A bearer token acts, and an API key beside it must be of
 * the same organization; a key alone acts as itself. Throws UNAUTHENTICATED, or BAD_USER_INPUT for an organization or a
 * time zone that cannot be meant.
 */
export async function authenticate(auth: Authenticator, sent: Sent): Promise<Viewer | null> {
  const authorization = sent.header('authorization');
  const apiKey = sent.header('x-api-key');
  const organization = sent.header('x-organization-id');
  const parts = [authorization, apiKey, organization].filter((part) => part !== undefined);
  if (auth.requireAll && parts.length > 0 && parts.length < 3) {
    throw new Fault('UNAUTHENTICATED', 'Send Authorization, X-API-Key and X-Organization-ID.');
  }
  if (authorization === undefined && apiKey === undefined) return null;
  const key = apiKey === undefined ? null : await findKey(auth, apiKey);
  if (authorization === undefined) {
    const chosen = choose([key as KeyStanding], organization);
    return toViewer(chosen, sent, key?.expiresAt ?? null, null);
  }
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const subject = token === undefined ? null : await auth.tokens.verify(token);
  if (!subject) throw unauthenticated();
  const { userUid, email, expiresAt } = subject;
  const who = userUid !== null ? { uid: userUid } : email !== null ? { email } : null;
  const standings = who === null ? [] : await standingsOf(auth.db, who);
  if (standings.length === 0) throw unauthenticated();
  const ofKey = key ? standings.filter(({ organizationId }) => organizationId === key.organizationId) : standings;
  if (ofKey.length === 0) throw unauthenticated();
  const ends = key?.expiresAt && key.expiresAt < expiresAt ? key.expiresAt : expiresAt;
  return toViewer(choose(ofKey, organization), sent, ends, key?.userId ?? null);
}

async function findKey({ db, apiKeySecret, now }: Authenticator, text: string): Promise<KeyStanding> {
  const organizationUid = apiKeyOrganization(text);
  if (organizationUid === null) throw unauthenticated();
  const key = await standingByKey(db, organizationUid, hashApiKey(apiKeySecret, text));
  const at = now();
  if (!key || (key.expiresAt && key.expiresAt <= at)) throw unauthenticated();
  // Roughly when it was last used: a write a minute at most, not one a request.
  if (!key.lastUsedAt || at.getTime() - key.lastUsedAt.getTime() > KEY_TOUCH_MS) {
    // That it could not be noted is no reason to refuse the key.
    await touchKey(db, key.organizationId, key.keyId, at).catch(() => {});
  }
  return key;
}

function choose(standings: readonly Standing[], organization: string | undefined): Standing {
  const choices = standings.map((row) => ({
    id: encodeId('Organization', row.organizationUid),
    name: row.organizationName,
  }));
  if (organization !== undefined) {
    const uid = uidOf('Organization', organization);
    const chosen = standings.find(({ organizationUid }) => organizationUid === uid);
    if (chosen) return chosen;
    throw new Fault('BAD_USER_INPUT', 'X-Organization-ID names no organization of yours.', { organizations: choices });
  }
  const [only] = standings;
  if (only && standings.length === 1) return only;
  const names = choices.map(({ id, name }) => `${name} (${id})`).join(', ');
  throw new Fault('BAD_USER_INPUT', `Choose an organization with X-Organization-ID: ${names}.`, {
    organizations: choices,
  });
}

function zoneOf(sent: Sent): string | null {
  const name = sent.header('x-time-zone');
  const offset = sent.header('x-tz-offset');
  if (name !== undefined) {
    const zone = parseTimeZone(name);
    if (zone) return zone;
    throw new Fault('BAD_USER_INPUT', 'X-Time-Zone is neither an IANA name nor an offset such as -08:00.');
  }
  if (offset === undefined) return null;
  const zone = offsetTimeZone(offset);
  if (zone) return zone;
  throw new Fault('BAD_USER_INPUT', 'X-TZ-Offset is a number of hours from -12 to 14, such as -8 or 5.5.');
}

const toViewer = (row: Standing, sent: Sent, expiresAt: Date | null, keyUserId: bigint | null): Viewer => {
  const requestTimeZone = zoneOf(sent);
  return {
    organizationId: row.organizationId,
    organizationUid: row.organizationUid,
    organizationTimeZone: row.organizationTimeZone,
    weekStartsOn: row.weekStartsOn,
    requireAssignee: row.requireAssignee,
    userId: row.userId,
    userUid: row.userUid,
    membershipUid: row.membershipUid,
    membershipKind: row.membershipKind,
    role: row.role,
    crmAccess: row.crmAccess,
    mutedKinds: row.mutedKinds,
    timeZone: requestTimeZone ?? row.userTimeZone ?? row.organizationTimeZone,
    requestTimeZone,
    keyUserId,
    expiresAt,
  };
};
