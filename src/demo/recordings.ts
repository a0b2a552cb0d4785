import { recordCall, recordEmail, recordSms } from '../activity/recorded/service.ts';
import type { Runtime } from '../runtime.ts';
import type { Person } from './cast.ts';
import { granted } from './granted.ts';
import type { LeadStory, PersonStory, TaskStory } from './story.ts';
import { STRANGERS, WRITTEN } from './words.ts';

// Calls and messages as a telephone system and a mailbox would record them: their tasks follow from them.

type Kind = Exclude<TaskStory['kind'], 'LEAD'>;

/** A task that is made by a recording, and who called or wrote. */
export interface Told {
  readonly task: TaskStory;
  /** Null for whom nobody knows. */
  readonly person: PersonStory | LeadStory | null;
  readonly index: number;
}

/** The numbers at which one is called. */
const OFFICE = '+1 202 555 0199';

const common = ({ task, index }: Told) => ({
  externalId: `demo-${index}`,
  direction: 'INBOUND' as const,
  at: new Date(task.at),
  recordId: null,
  assigneeId: null,
});

const email = (told: Told, owner: Person) => ({
  ...common(told),
  threadId: `demo-thread-${told.index}`,
  from: told.person?.email ?? '',
  to: [owner.email],
  subject: told.task.title,
  body: WRITTEN.INCOMING_EMAIL as string,
  followUpOn: null,
});

function sent(told: Told, owner: Person) {
  const { at, date } = told.task;
  const to = told.person ? [told.person.email] : [];
  const out = { ...email(told, owner), direction: 'OUTBOUND' as const, from: owner.email, to };
  return { ...out, body: WRITTEN.EMAIL_FOLLOWUP, followUpOn: date ?? { instant: at } };
}

/** How each kind comes to be. */
function recording(runtime: Runtime, owner: Person, told: Told, kind: Kind) {
  const { viewer, userId } = owner;
  const { person, index } = told;
  const phone = person?.phone ?? null;
  const call = { ...common(told), phone, localPhone: OFFICE, duration: 0, voicemail: null };
  switch (kind) {
    case 'INCOMING_EMAIL':
      return recordEmail(runtime, viewer, email(told, owner));
    case 'EMAIL_FOLLOWUP':
      return recordEmail(runtime, viewer, sent(told, owner));
    case 'MISSED_CALL':
      return recordCall(runtime, viewer, { ...call, outcome: 'MISSED' });
    case 'VOICEMAIL': {
      const voicemail = { duration: 20 + (index % 90), url: `https://voice.example/${index}.mp3` };
      return recordCall(runtime, viewer, { ...call, outcome: 'MISSED', voicemail });
    }
    case 'ANSWERED_DETACHED_CALL': {
      const stranger = `${STRANGERS}${String(index % 100).padStart(2, '0')}`;
      // Whoever answered it is to find out who that was.
      const answered = { ...call, phone: stranger, duration: 3, assigneeId: userId };
      return recordCall(runtime, viewer, { ...answered, outcome: 'ANSWERED' });
    }
    case 'INCOMING_SMS': {
      const text = WRITTEN.INCOMING_SMS;
      return recordSms(runtime, viewer, { ...common(told), remotePhone: phone, localPhone: OFFICE, text });
    }
  }
}

/** Makes a task by what it comes from. */
export async function recordTask(runtime: Runtime, owner: Person, told: Told, kind: Kind): Promise<{ uid: string }> {
  const { taskUid } = await granted(recording(runtime, owner, told, kind));
  if (taskUid === null) throw new Error(`The demo’s ${kind} made no task.`);
  return { uid: taskUid };
}

/** Another e-mail of the same thread, which joins the task. */
export async function recordAgain(runtime: Runtime, owner: Person, told: Told): Promise<{ uid: string }> {
  const first = email(told, owner);
  const again = { externalId: `${first.externalId}-again`, at: runtime.now(), body: WRITTEN.AGAIN };
  const { taskUid } = await granted(recordEmail(runtime, owner.viewer, { ...first, ...again }));
  return { uid: taskUid as string };
}
