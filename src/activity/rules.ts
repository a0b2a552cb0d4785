import type { ActivityStatus, ActivityType, ActivityVisibility, RecordType } from '../db/generated/prisma/enums.ts';
import {
  hasLength,
  isBlank,
  isStorable,
  refusalsOf,
  refuseName,
  refuseTags,
  refuseText,
  refuseUrls,
  textOrNone,
  tidyTags,
  tidyText,
} from '../limits.ts';
import { Invalid, type Refusal } from '../refusals.ts';

/** Something of which one names another, inside and outside. */
export interface Named {
  readonly id: bigint;
  readonly uid: string;
}

/** A record that an activity is linked to beside its account. */
export interface ActivityRecord extends Named {
  readonly type: RecordType;
  /** Its own id if it is a lead; of an opportunity the lead that it came from. */
  readonly leadId: bigint | null;
}

/** Who took part: someone of the organization, a contact, or whoever a name or an e-mail address stands for. */
export interface Participant {
  readonly user: Named | null;
  readonly contact: Named | null;
  readonly name: string | null;
  readonly email: string | null;
  /** Null while nobody has said. */
  readonly attended: boolean | null;
}

/** What decisions about an activity are made of; never a row. */
export interface ActivityState {
  /** Null only for what was recorded and matched none. */
  readonly account: Named | null;
  readonly link: ActivityRecord | null;
  readonly type: ActivityType;
  readonly status: ActivityStatus;
  readonly visibility: ActivityVisibility;
  readonly title: string | null;
  readonly description: string | null;
  readonly activityTimestamp: Date;
  /** Minutes. */
  readonly duration: number;
  readonly location: string;
  readonly participants: readonly Participant[];
  readonly attachmentUrls: readonly string[];
  readonly tags: readonly string[];
}

/** What people may set; absent leaves it alone. */
export type ActivityPatch = Partial<Omit<ActivityState, 'account'>>;

const MAX_DURATION = 7 * 24 * 60;
const MAX_LOCATION = 500;
const MAX_PARTICIPANTS = 100;
const MAX_EMAIL = 254;

function refuseLocation(location: string, path: readonly string[]): Refusal | null {
  const form = `A location has 1 to ${MAX_LOCATION} characters of valid Unicode, at least one of which can be seen.`;
  return hasLength(location, MAX_LOCATION) ? null : new Invalid(form, path);
}

const refuseDuration = (duration: number, path: readonly string[]): Refusal | null =>
  duration >= 0 && duration <= MAX_DURATION ? null : new Invalid(`A duration is 0 to ${MAX_DURATION} minutes.`, path);

const isAddress = (text: string) => text.length <= MAX_EMAIL && /^[^\s@]+@[^\s@]+$/.test(text) && isStorable(text);

/** A participant as people name them, before ids are looked up. */
export interface ParticipantWords {
  readonly userId?: string | null | undefined;
  readonly contactId?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly attended?: boolean | null | undefined;
}

/** How often people are told that someone is there twice: by each thing that tells one person from another. */
const marksOf = ({ userId, contactId, email }: ParticipantWords): string[] =>
  [userId, contactId, isBlank(email) ? null : email?.trim().toLowerCase()].filter((mark) => mark != null);

/** Every reason why these cannot be the participants, ids aside. */
export function refuseParticipants(participants: readonly ParticipantWords[], path: readonly string[]): Refusal[] {
  if (participants.length > MAX_PARTICIPANTS) return [new Invalid(`At most ${MAX_PARTICIPANTS} participants.`, path)];
  const seen = new Set<string>();
  return participants.flatMap((participant, index) => {
    const { userId, contactId, name, email } = participant;
    const at = [...path, String(index)];
    const marks = marksOf(participant);
    const isTwice = marks.some((mark) => seen.has(mark));
    for (const mark of marks) seen.add(mark);
    return refusalsOf(
      userId == null && contactId == null && isBlank(name) && isBlank(email)
        ? new Invalid('A participant has a user, a contact, a name or an e-mail address.', at)
        : null,
      userId != null && contactId != null
        ? new Invalid('A participant is either of the organization or a contact.', [...at, 'contactId'])
        : null,
      isBlank(name) ? null : refuseName(name as string, [...at, 'name']),
      isBlank(email) || isAddress((email as string).trim())
        ? null
        : new Invalid(`An e-mail address has an @ and at most ${MAX_EMAIL} characters.`, [...at, 'email']),
      isTwice ? new Invalid('This participant is there already.', at) : null,
    );
  });
}

function refuseValues(patch: ActivityPatch, path: readonly string[]): Refusal[] {
  const { title, description, duration, location, tags, attachmentUrls } = patch;
  return refusalsOf(
    duration === undefined ? null : refuseDuration(duration, [...path, 'duration']),
    location === undefined ? null : refuseLocation(location, [...path, 'location']),
    isBlank(title) ? null : refuseName(title as string, [...path, 'title'], 'A title'),
    refuseText(description ?? null, [...path, 'description'], 'A description'),
    refuseUrls(attachmentUrls ?? [], [...path, 'attachmentUrls']),
    refuseTags(tags ?? [], [...path, 'tags']),
  );
}

/** What has taken place has not yet to come. What was recorded tells its time by itself, and is taken as it came. */
function refuseTime(
  { status, activityTimestamp }: ActivityState,
  patch: ActivityPatch,
  now: Date,
  path: readonly string[],
): Refusal | null {
  const asked = patch.activityTimestamp !== undefined ? 'activityTimestamp' : 'status';
  if (patch[asked] === undefined || status !== 'COMPLETED' || activityTimestamp <= now) return null;
  return new Invalid('What is completed cannot lie in the future.', [...path, asked]);
}

export type Applied =
  | { readonly ok: true; readonly state: ActivityState }
  | { readonly ok: false; readonly refusals: Refusal[] };

/** The activity after a patch, or every reason against it. `path` is where the patch stands in the mutation's input. */
export function applyPatch(
  state: ActivityState,
  patch: ActivityPatch,
  now: Date,
  path: readonly string[],
  wasRecorded = false,
): Applied {
  const { title, description, location, tags, ...rest } = patch;
  const patched: ActivityState = {
    ...state,
    ...rest,
    ...(title !== undefined && { title: tidyText(title) }),
    ...(description !== undefined && { description: textOrNone(description) }),
    ...(location !== undefined && { location: location.trim() }),
    ...(tags !== undefined && { tags: tidyTags(tags) }),
  };
  const early = wasRecorded ? null : refuseTime(patched, patch, now, path);
  const refusals = [...refuseValues(patch, path), ...refusalsOf(early)];
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, state: patched };
}

/** What a record that an activity is to be linked to must be like. */
export interface Linkable extends ActivityRecord {
  /** Its own id if it is an account. */
  readonly accountId: bigint | null;
  readonly isDeleted: boolean;
}

/**
 * Why an activity at an account cannot be linked to a record; null when it can. A record of another account cannot be; one
 * that has none, such as a lead, can: it is met at the account without belonging to it.
 */
export function refuseLink(
  { accountId, isDeleted }: Linkable,
  account: { readonly id: bigint } | null,
  path: readonly string[],
): Refusal | null {
  if (isDeleted) return new Invalid('This record is deleted; restore it first.', path);
  const contradicts = account !== null && accountId !== null && accountId !== account.id;
  return contradicts ? new Invalid('The linked record belongs to another account.', path) : null;
}
