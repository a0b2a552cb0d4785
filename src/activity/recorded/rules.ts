import { emailKey } from '../../addresses.ts';
import type { Direction, TaskKind } from '../../db/generated/prisma/enums.ts';
import { isStorable, isUrl, refusalsOf, textOrNone, tidyText } from '../../limits.ts';
import { Invalid, type Refusal } from '../../refusals.ts';
import type { Participant } from '../rules.ts';

// What is recorded comes from machines: their ids and numbers of minutes are held to limits, what people on the other end
// wrote is taken as it came, cut where it is too long.

const MAX_ID = 500;
const MAX_NAME = 255;
const MAX_TEXT = 32 * 1024;
const MAX_ADDRESSES = 500;
const MAX_ADDRESS = 1_000;
const MAX_EMAIL = 254;
const MAX_PARTICIPANTS = 100;
const MAX_DURATION = 7 * 24 * 60;

/** 1 to 500 characters, kept exactly as they came. */
export const refuseId = (id: string, path: readonly string[], what: string): Refusal | null =>
  id !== '' && [...id].length <= MAX_ID && isStorable(id)
    ? null
    : new Invalid(`${what} has 1 to ${MAX_ID} characters of valid Unicode, without U+0000.`, path);

export interface Voicemail {
  /** Seconds. */
  readonly duration: number;
  readonly url: string;
}

export interface CallFacts {
  readonly direction: Direction;
  readonly outcome: 'ANSWERED' | 'MISSED';
  /** Minutes. */
  readonly duration: number;
  readonly voicemail: Voicemail | null;
}

/** Every reason why a call cannot have been so. */
export const refuseCall = ({ direction, duration, voicemail }: CallFacts): Refusal[] =>
  refusalsOf(
    duration >= 0 && duration <= MAX_DURATION
      ? null
      : new Invalid(`A duration is 0 to ${MAX_DURATION} minutes.`, ['duration']),
    voicemail && direction === 'OUTBOUND'
      ? new Invalid('A voicemail is left by who calls in: an outbound call has none.', ['voicemail'])
      : null,
    voicemail && voicemail.duration < 0
      ? new Invalid('A voicemail lasts 0 seconds or more.', ['voicemail', 'duration'])
      : null,
    voicemail && !isUrl(voicemail.url)
      ? new Invalid('A voicemail is at an http or https URL of at most 2048 characters.', ['voicemail', 'url'])
      : null,
  );

export type CallKind = Extract<TaskKind, 'MISSED_CALL' | 'VOICEMAIL' | 'ANSWERED_DETACHED_CALL'>;

/** The task that a call makes [CLOSE-19, CLOSE-20, CLOSE-21]; null for none. */
export function kindOfCall({ direction, outcome, voicemail }: CallFacts, isKnown: boolean): CallKind | null {
  if (direction === 'OUTBOUND') return null;
  if (voicemail) return 'VOICEMAIL';
  if (outcome === 'MISSED') return 'MISSED_CALL';
  return isKnown ? null : 'ANSWERED_DETACHED_CALL';
}

export interface EmailFacts {
  readonly direction: Direction;
  readonly threadId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly isFollowedUp: boolean;
}

/** Every reason why an e-mail cannot have been so; how its addresses look is none. */
export function refuseEmail({ direction, threadId, from, to, isFollowedUp }: EmailFacts): Refusal[] {
  const long = to.findIndex((address) => address.length > MAX_ADDRESS);
  const why = `An address has at most ${MAX_ADDRESS} characters, its name included.`;
  return refusalsOf(
    refuseId(threadId, ['threadId'], 'A thread’s id'),
    from.length > MAX_ADDRESS ? new Invalid(why, ['from']) : null,
    to.length > MAX_ADDRESSES ? new Invalid(`At most ${MAX_ADDRESSES} recipients.`, ['to']) : null,
    to.length <= MAX_ADDRESSES && long >= 0 ? new Invalid(why, ['to', String(long)]) : null,
    isFollowedUp && direction === 'INBOUND'
      ? new Invalid('Only an outbound e-mail is followed up when nobody answers.', ['followUpOn'])
      : null,
  );
}

/** A text without what PostgreSQL cannot hold: U+0000 and halves of characters. */
const storable = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '');

const cut = (text: string, max = MAX_NAME): string => [...text].slice(0, max).join('');

/** A number, a subject or a name in one line of at most 255 characters; null for a blank one. */
export const line = (text: string | null): string | null =>
  tidyText(
    cut(
      storable(text ?? '')
        .replace(/\s+/g, ' ')
        .trim(),
    ),
  );

/** A longer text, cut to 32 KiB between two characters; null for a blank one. */
export function longText(text: string | null): string | null {
  const bytes = Buffer.from(storable(text ?? ''));
  let end = Math.min(bytes.length, MAX_TEXT);
  // Within a character all bytes but the first begin with 10.
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return textOrNone(bytes.toString('utf8', 0, end));
}

/** An address of an e-mail, taken apart. */
export interface Address {
  readonly name: string | null;
  /** As it was written; null where there is none. */
  readonly email: string | null;
  /** What it is recognised by; null where there is no address. */
  readonly key: string | null;
}

/** Reads `"Ann Lee" <ann@acme.example>`, `<ann@acme.example>` or the plain address; whatever else it is, it is a name. */
export function parseAddress(text: string): Address {
  const tidy = storable(text).trim();
  const open = tidy.endsWith('>') ? tidy.lastIndexOf('<') : -1;
  const before = open < 0 ? '' : tidy.slice(0, open).trim();
  const quoted = /^"(.*)"$/s.exec(before)?.[1];
  const name = line(quoted === undefined ? before : quoted.replace(/\\(.)/gs, '$1'));
  const email = (open < 0 ? tidy : tidy.slice(open + 1, -1)).trim();
  const isAddress = email.length <= MAX_EMAIL && /^[^\s@]+@[^\s@]+$/.test(email);
  return isAddress ? { name, email, key: emailKey(email) } : { name: name ?? line(email), email: null, key: null };
}

type Known = Pick<Participant, 'user' | 'contact'>;

/** Who took part in an e-mail, the sender first, each once: whom an address is known to be of, else its name and itself. */
export function participantsOf(addresses: readonly Address[], known: ReadonlyMap<string, Known>): Participant[] {
  const seen = new Set<string>();
  const all = addresses.flatMap(({ name, email, key }): Participant[] => {
    const { user = null, contact = null } = (key !== null && known.get(key)) || {};
    const isKnown = user !== null || contact !== null;
    const mark = user ? `user ${user.id}` : contact ? `contact ${contact.id}` : (key ?? `name ${name}`);
    if ((!isKnown && name === null && email === null) || seen.has(mark)) return [];
    seen.add(mark);
    const own = isKnown ? { name: null, email: null } : { name, email };
    return [{ user, contact: user ? null : contact, ...own, attended: null }];
  });
  return all.slice(0, MAX_PARTICIPANTS);
}

const TITLES = {
  MISSED_CALL: 'Missed call from',
  VOICEMAIL: 'Voicemail from',
  ANSWERED_DETACHED_CALL: 'Answered call from',
  INCOMING_SMS: 'SMS from',
} as const;

/** What a task for a call or an SMS is called, by the record's name, else the number. */
export const titleOf = (kind: keyof typeof TITLES, name: string | null, phone: string | null): string =>
  cut(`${TITLES[kind]} ${name ?? phone ?? 'an unknown number'}`).trim();

/** What one calls who is behind an address. */
const called = (name: string | null, address: Address | undefined) =>
  name ?? address?.name ?? address?.email ?? 'an unknown address';

/** What the task for an e-mail that came in is called: its subject, else by its sender. */
export const titleOfEmail = (subject: string | null, name: string | null, from: Address): string =>
  subject ?? cut(`E-mail from ${called(name, from)}`).trim();

/** What the follow-up of an e-mail that went out is called. */
export const titleOfFollowUp = (subject: string | null, name: string | null, to: Address | undefined): string =>
  cut(`Follow up: ${subject ?? `e-mail to ${called(name, to)}`}`).trim();
