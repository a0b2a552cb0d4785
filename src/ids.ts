import { monotonicFactory } from 'ulid';

/** What callers see of an id: a prefix that says of what, and the row's ULID. Numbers stay inside. */
const PREFIXES = {
  User: 'user',
  Organization: 'org',
  Membership: 'mem',
  ApiKey: 'key',
  Account: 'acct',
  Contact: 'cont',
  Lead: 'lead',
  Opportunity: 'opp',
  Activity: 'act',
  Task: 'task',
  Comment: 'cmt',
  Reminder: 'rem',
  Pipeline: 'pipe',
  Stage: 'stage',
  Automation: 'auto',
  Event: 'evt',
  Notification: 'ntf',
} as const;

export type IdType = keyof typeof PREFIXES;

const TYPES = new Map<string, IdType>(Object.entries(PREFIXES).map(([type, prefix]) => [prefix, type as IdType]));

/** A new ULID: 26 characters that sort by when they were made. */
export const newUid: () => string = monotonicFactory();

export const encodeId = (type: IdType, uid: string): string => `${PREFIXES[type]}_${uid}`;

/** Of what lives in the log: its owner's ULID and its place there. */
export const encodeLogId = (type: 'Event' | 'Notification', ownerUid: string, seq: bigint): string =>
  `${PREFIXES[type]}_${ownerUid}-${seq}`;

export interface DecodedId {
  readonly type: IdType;
  readonly uid: string;
  /** Of events and notifications only. */
  readonly seq: bigint | null;
}

/** Null for what cannot be an id of ours. */
export function decodeId(id: string): DecodedId | null {
  const [, prefix, uid, seq] = /^([a-z]{1,8})_([0-9A-Z]{26})(?:-(\d{1,18}))?$/.exec(id) ?? [];
  const type = prefix === undefined ? undefined : TYPES.get(prefix);
  if (type === undefined || uid === undefined) return null;
  const logged = type === 'Event' || type === 'Notification';
  return logged === (seq !== undefined) ? { type, uid, seq: seq === undefined ? null : BigInt(seq) } : null;
}

/** The ULID in an id of this type; null when it is anything else, which callers answer as "not found". */
export function uidOf(type: IdType, id: string): string | null {
  const decoded = decodeId(id);
  return decoded?.type === type ? decoded.uid : null;
}
