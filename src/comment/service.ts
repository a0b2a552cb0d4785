import { attendantsOf } from '../activity/audience/service.ts';
import { open } from '../activity/open.ts';
import { actorOf, type Viewer } from '../auth/viewer.ts';
import type { Tx } from '../db/database.ts';
import { commit, type NewEvent, type Subject } from '../event/log.ts';
import { decodeId, encodeId, newUid, uidOf } from '../ids.ts';
import { refusalsOf } from '../limits.ts';
import { NotFound, type Outcome, type Refusal, refused } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { holdTask } from '../task/hold/service.ts';
import { onlookersOf } from '../task/watch/service.ts';
import { type Mentionable, refuseBody, refuseCount, refuseMentions, toldOf } from './rules.ts';
import { findMentionable, insertComment, type SubjectType } from './store.ts';

export interface NewComment {
  readonly subjectId: string;
  readonly body: string;
  readonly mentionIds: readonly string[];
}

/** What can be commented, held until the transaction ends. */
interface Held extends Subject {
  readonly type: SubjectType;
  /** A task's row as it is; null for an activity. */
  readonly image: string | null;
}

type Resolved<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** A task or an activity that the viewer may see and that is not in the bin. */
async function hold(tx: Tx, viewer: Viewer, id: string): Promise<Resolved<Held>> {
  const path = ['subjectId'];
  switch (decodeId(id)?.type) {
    case 'Task': {
      const task = await holdTask(tx, viewer, id, path);
      return task.ok ? { ok: true, value: { ...task.value, type: 'TASK' } } : task;
    }
    case 'Activity': {
      const activity = await open(tx, viewer, id, null, path);
      if (!activity.ok) return activity;
      const { id: inner, uid } = activity.value;
      return { ok: true, value: { type: 'ACTIVITY', id: inner, uid, image: null } };
    }
    default:
      return { ok: false, refusals: [new NotFound('There is no such task or activity.', path)] };
  }
}

/** Whom the ids of an input mean, each once; or why not. */
async function mentionsIn(tx: Tx, subject: Held, ids: readonly string[]): Promise<Resolved<readonly Mentionable[]>> {
  const uids = ids.map((id) => uidOf('User', id));
  const known = uids.filter((uid) => uid !== null);
  const rows = known.length === 0 ? [] : await findMentionable(tx, subject.type, subject.id, known);
  const byUid = new Map<string | null, Mentionable>(rows.map((row) => [row.uid, row]));
  const found = uids.map((uid) => byUid.get(uid) ?? null);
  const refusals = refuseMentions(found);
  if (refusals.length > 0) return { ok: false, refusals };
  return { ok: true, value: [...new Set(found.filter((who) => who !== null))] };
}

/** Whom a task or an activity concerns, of those who may see it. */
async function concernedBy(tx: Tx, { type, id }: Subject, completes: boolean): Promise<bigint[]> {
  if (type === 'TASK') return ((await onlookersOf(tx, [id])).get(id) ?? []).map(({ userId }) => userId);
  const attendants = (await attendantsOf(tx, [id])).get(id) ?? [];
  return attendants.filter(({ isParticipant }) => !(completes && isParticipant)).map(({ userId }) => userId);
}

/** What is written by someone about what is held already. */
export interface Remark {
  readonly body: string;
  readonly mentioned: readonly Mentionable[];
  /** It goes with the completion of the activity: those who took part are told of that, which says more. */
  readonly completes?: boolean;
}

/** Writes a comment, and says that it was. */
export async function insertRemark(
  tx: Tx,
  { userId: authorId }: Pick<Viewer, 'userId'>,
  subject: Subject & { readonly type: SubjectType },
  { body, mentioned, completes = false }: Remark,
  now: Date,
): Promise<{ readonly uid: string; readonly event: NewEvent }> {
  const uid = newUid();
  const mentionIds = mentioned.map(({ userId }) => userId);
  await insertComment(tx, subject.type, subject.id, { uid, body, authorId, mentionIds }, now);
  const concerned = await concernedBy(tx, subject, completes);
  const kind = subject.type === 'TASK' ? 'TASK_COMMENTED' : 'ACTIVITY_COMMENTED';
  const { type, id } = subject;
  const names = mentioned.map((who) => encodeId('User', who.uid));
  return {
    uid,
    event: {
      kind,
      subject: { type, id, uid: subject.uid },
      changes: [
        { field: 'commentId', from: null, to: encodeId('Comment', uid) },
        { field: 'body', from: null, to: body },
        ...(names.length > 0 ? [{ field: 'mentionIds', from: null, to: names }] : []),
      ],
      notify: toldOf(authorId, mentionIds, concerned).map(({ userId, isMentioned }) => ({
        userId,
        kind: isMentioned ? 'MENTIONED' : kind,
      })),
    },
  };
}

/**
 * Says something about a task or an activity that one sees. It changes nothing of that, nor its version [THENA-T31].
 */
export async function addComment(
  runtime: Runtime,
  viewer: Viewer,
  { subjectId, body, mentionIds }: NewComment,
): Promise<Outcome<{ readonly uid: string }>> {
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const held = await hold(tx, viewer, subjectId);
    if (!held.ok) return refused(...held.refusals);
    const subject = held.value;
    const wrong = refusalsOf(refuseBody(body, ['body']), refuseCount(mentionIds));
    if (wrong.length > 0) return refused(...wrong);
    const mentioned = await mentionsIn(tx, subject, mentionIds);
    if (!mentioned.ok) return refused(...mentioned.refusals);
    const now = runtime.now();
    const remark = { body, mentioned: mentioned.value };
    const { uid, event } = await insertRemark(tx, viewer, subject, remark, now);
    const before = subject.image === null ? new Map() : new Map([[subject.id, subject.image]]);
    return { ok: true, at: now, value: { uid }, events: [event], before };
  });
}
