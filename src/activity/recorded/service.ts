import { formatPhone, phoneKey } from '../../addresses.ts';
import { actorOf, type Viewer } from '../../auth/viewer.ts';
import type { TaskDate } from '../../dates.ts';
import type { Tx } from '../../db/database.ts';
import { commit, type NewEvent } from '../../event/log.ts';
import { type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { insertMade, type Made } from '../../task/made/service.ts';
import type { Ref } from '../../task/rules.ts';
import { followUp, gather, holdThread, type Worked } from '../../task/thread/service.ts';
import type { Participant } from '../rules.ts';
import { type Log, log } from './log.ts';
import {
  type CallFacts,
  kindOfCall,
  line,
  longText,
  parseAddress,
  participantsOf,
  refuseCall,
  refuseEmail,
  refuseId,
  titleOf,
  titleOfEmail,
  titleOfFollowUp,
} from './rules.ts';
import { findRecorded, hasReply, type KnownBy, knownByEmails, knownByPhone, type Recorded } from './store.ts';
import { type Match, resolveWhom, type Whom, type WhomWords } from './whom.ts';

export type { Recorded };

interface Words extends WhomWords {
  /** The caller's own id of it. */
  readonly externalId: string;
  readonly direction: CallFacts['direction'];
  readonly at: Date;
}

export interface CallWords extends Words, CallFacts {
  readonly phone: string | null;
  readonly localPhone: string | null;
}

export interface SmsWords extends Words {
  readonly remotePhone: string | null;
  readonly localPhone: string | null;
  readonly text: string | null;
}

export interface EmailWords extends Words {
  readonly threadId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string | null;
  readonly body: string | null;
  readonly followUpOn: TaskDate | null;
}

/** How one kind of recording is carried out. */
interface Way {
  readonly refusals: readonly Refusal[];
  /** The thread that it is of, which is held. */
  readonly threadId: string | null;
  /** Who is behind its number or its addresses. */
  readonly look: (tx: Tx) => Promise<{ readonly match: Match | null; readonly known: readonly KnownBy[] }>;
  readonly log: (whom: Whom, known: readonly KnownBy[]) => Omit<Log, 'at' | 'direction' | 'externalId'>;
  /** The task of it; null for none. */
  readonly work: (tx: Tx, activity: Ref, whom: Whom) => Promise<Worked | null>;
}

/**
 * Records something once: whoever sends the same `externalId` again, one after the other or at once, is answered what was
 * recorded then, whatever else they say.
 */
async function record(runtime: Runtime, viewer: Viewer, recording: Log['recording'], words: Words, way: Way) {
  const { externalId, direction, at } = words;
  return commit<Recorded>(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const badId = refuseId(externalId, ['externalId'], 'An external id');
    if (badId) return refused(badId);
    const recorded = await findRecorded(tx, recording, externalId);
    if (recorded) return { ok: true, value: recorded, events: [] };
    if (way.refusals.length > 0) return refused(...way.refusals);
    // Before everything else: whoever holds a thread waits for members and records, and nobody the other way round.
    if (way.threadId !== null) await holdThread(tx, way.threadId);
    const { match, known } = await way.look(tx);
    const whom = await resolveWhom(tx, viewer, words, match);
    if (!whom.ok) return refused(...whom.refusals);
    const now = runtime.now();
    const told = { ...way.log(whom.value, known), externalId, direction, at };
    const activity = await log(tx, viewer, told, whom.value, now);
    const worked = await way.work(tx, activity, whom.value);
    return {
      ok: true,
      at: worked?.at ?? now,
      value: { activityUid: activity.uid, taskUid: worked?.taskUid ?? null },
      events: [...activity.events, ...(worked?.events ?? [])],
      ...(worked && { before: worked.before }),
    };
  });
}

/** Contacts before leads. */
function matchOf(known: readonly KnownBy[], key: string): Match | null {
  const of = (type: 'CONTACT' | 'LEAD') => known.find((each) => each.key === key && each.type === type);
  const found = of('CONTACT') ?? of('LEAD');
  return found ? { type: found.type as 'CONTACT' | 'LEAD', uid: found.uid } : null;
}

async function lookUpPhone(tx: Tx, phone: string | null) {
  const key = phoneKey(phone);
  const known = key === null ? [] : await knownByPhone(tx, key);
  return { known, match: key === null ? null : matchOf(known, key) };
}

/** The one person on the other end whom we know. */
function personIn({ link, name }: Whom): Participant[] {
  const nobody = { user: null, contact: null, name: null, email: null, attended: null };
  if (link?.type === 'CONTACT') return [{ ...nobody, contact: { id: link.id, uid: link.uid } }];
  return link?.type === 'LEAD' ? [{ ...nobody, name }] : [];
}

const asKnown = ({ type, id, uid }: KnownBy) =>
  type === 'USER' ? { user: { id, uid }, contact: null } : { user: null, contact: { id, uid } };

async function make(runtime: Runtime, tx: Tx, viewer: Viewer, made: Made): Promise<Worked> {
  const now = runtime.now();
  const { uid, events } = await insertMade(tx, viewer, made, now);
  return { taskUid: uid, events: events as readonly NewEvent[], before: new Map(), at: now };
}

/** Records a call; one that was missed, left a voicemail, or came from someone unknown makes a task [CLOSE-19..21]. */
export function recordCall(runtime: Runtime, viewer: Viewer, words: CallWords): Promise<Outcome<Recorded>> {
  const { at, duration, voicemail } = words;
  const [phone, localPhone] = [line(words.phone), line(words.localPhone)];
  const remotePhone = formatPhone(phone);
  return record(runtime, viewer, 'CALL', words, {
    refusals: refuseCall(words),
    threadId: null,
    look: (tx) => lookUpPhone(tx, phone),
    log: (whom) => ({
      ...{ recording: 'CALL', title: null, description: null, duration, threadId: null, voicemail },
      ...{ remotePhone, localPhone: formatPhone(localPhone), participants: personIn(whom) },
    }),
    work: async (tx, activity, { link, name, assignee }) => {
      const kind = kindOfCall(words, link !== null);
      if (!kind) return null;
      const title = titleOf(kind, name, remotePhone);
      const date = { instant: at.getTime() };
      return make(runtime, tx, viewer, { kind, type: 'CALL', title, date, link, activity, threadId: null, assignee });
    },
  });
}

/** Records an SMS; one that came in makes a task [CLOSE-23]. */
export function recordSms(runtime: Runtime, viewer: Viewer, words: SmsWords): Promise<Outcome<Recorded>> {
  const { at, direction } = words;
  const [phone, localPhone] = [line(words.remotePhone), line(words.localPhone)];
  const remotePhone = formatPhone(phone);
  return record(runtime, viewer, 'SMS', words, {
    refusals: [],
    threadId: null,
    look: (tx) => lookUpPhone(tx, phone),
    log: (whom) => ({
      ...{ recording: 'SMS', title: null, description: longText(words.text), duration: 0, threadId: null },
      ...{ remotePhone, localPhone: formatPhone(localPhone), participants: personIn(whom), voicemail: null },
    }),
    work: async (tx, activity, { link, name, assignee }) => {
      if (direction === 'OUTBOUND') return null;
      const title = titleOf('INCOMING_SMS', name, remotePhone);
      const made = { kind: 'INCOMING_SMS', type: 'MESSAGE', title, threadId: null } as const;
      return make(runtime, tx, viewer, { ...made, date: { instant: at.getTime() }, link, activity, assignee });
    },
  });
}

/**
 * Records an e-mail. One that came in begins its thread's INCOMING_EMAIL or joins it [CLOSE-17]; one that went out makes
 * an EMAIL_FOLLOWUP if it is to be followed up and nobody has answered yet [CLOSE-18].
 */
export function recordEmail(runtime: Runtime, viewer: Viewer, words: EmailWords): Promise<Outcome<Recorded>> {
  const { at, direction, threadId, followUpOn } = words;
  const from = parseAddress(words.from);
  const to = words.to.map(parseAddress);
  const others = direction === 'INBOUND' ? [from] : to;
  const subject = line(words.subject);
  return record(runtime, viewer, 'EMAIL', words, {
    refusals: refuseEmail({ ...words, isFollowedUp: followUpOn !== null }),
    threadId,
    look: async (tx) => {
      const keys = new Set([from, ...to].flatMap(({ key }) => (key === null ? [] : [key])));
      const known = keys.size === 0 ? [] : await knownByEmails(tx, [...keys]);
      const matches = others.map(({ key }) => (key === null ? null : matchOf(known, key)));
      return { known, match: matches.find((match) => match !== null) ?? null };
    },
    log: (_whom, known) => {
      // A colleague who is somebody's contact too is a colleague: of several for one key the last one stays.
      const people = known.filter(({ type }) => type !== 'LEAD').map((each) => [each.key, asKnown(each)] as const);
      const participants = participantsOf([from, ...to], new Map(people));
      return {
        ...{ recording: 'EMAIL', title: subject, description: longText(words.body), duration: 0, threadId },
        ...{ remotePhone: null, localPhone: null, voicemail: null, participants },
      };
    },
    work: async (tx, activity, { link, name, assignee }) => {
      const email = { threadId, at, activity, link, assignee };
      if (direction === 'INBOUND') {
        return gather(runtime, tx, viewer, { ...email, title: titleOfEmail(subject, name, from) });
      }
      if (followUpOn === null || (await hasReply(tx, threadId, at))) return null;
      return followUp(runtime, tx, viewer, { ...email, title: titleOfFollowUp(subject, name, to[0]) }, followUpOn);
    },
  });
}
