import type { TaskDate } from '../dates.ts';
import type { ActivityType, RecordType, TaskKind, TaskType } from '../db/generated/prisma/enums.ts';
import { addDays } from '../time.ts';
import type { Dice } from './dice.ts';
import type { AccountStory, ActivityStory, LeadStory, PersonStory, Ref, Setting, Story, TaskStory } from './story.ts';
import { ago } from './story-records.ts';
import { ACTIVITIES, OUTCOMES, PIPELINES, TAGS, TITLES } from './words.ts';

const CATEGORIES = [
  'FOLLOW_UP_CALL',
  'ACCOUNT_REVIEW',
  'TRAINING_SESSION',
  'ISSUE_RESOLUTION',
  'TEAM_UPDATE',
  'RESOURCE_ALLOCATION',
  'PROCESS_REVIEW',
  'DOCUMENTATION_UPDATE',
] as const;

const ANY: readonly RecordType[] = ['ACCOUNT', 'ACCOUNT', 'CONTACT', 'CONTACT', 'LEAD', 'OPPORTUNITY'];
const PEOPLE: readonly RecordType[] = ['CONTACT', 'LEAD'];

/** What the system makes by itself, the subject if it is an e-mail's, and of what. */
const MADE = [
  ['INCOMING_EMAIL', 'EMAIL', 'Re: our offer to {name}', PEOPLE],
  ['EMAIL_FOLLOWUP', 'FOLLOW_UP', 'The price list for {name}', PEOPLE],
  ['MISSED_CALL', 'CALL', '', PEOPLE],
  ['ANSWERED_DETACHED_CALL', 'CALL', '', PEOPLE],
  ['VOICEMAIL', 'CALL', '', PEOPLE],
  ['INCOMING_SMS', 'MESSAGE', '', PEOPLE],
] as const;

type Records = Pick<Story, 'accounts' | 'contacts' | 'leads' | 'opportunities'>;

export function activityOf(dice: Dice, setting: Setting, { accounts, contacts }: Records): ActivityStory {
  const account = dice.below(accounts.length);
  const contact = contacts.findIndex((one) => one.account === account);
  const { name, owner } = accounts[account] as AccountStory;
  const type = dice.one(Object.keys(ACTIVITIES) as ActivityType[]);
  const [title, location] = ACTIVITIES[type];
  const days = dice.below(48) - 36;
  const timestamp = Date.parse(`${addDays(setting.today, days)}T${dice.time(8, 17)}:00Z`);
  // Whatever is over was over before it was written down.
  const isPast = timestamp < setting.now - 2 * 60_000;
  // What was scheduled was written down before; the rest when it was over.
  const at = Math.min(isPast ? timestamp + 3_600_000 : ago(dice, setting, 5, 0), setting.now - 60_000);
  const status = isPast ? dice.one(['COMPLETED', 'COMPLETED', 'COMPLETED', 'CANCELLED'] as const) : 'PENDING';
  return {
    ...{ account, contact: contact < 0 ? null : contact, owner, type, status, location, timestamp, at },
    title: title.replace('{name}', name),
    duration: dice.one([15, 30, 45, 60, 90]),
    isPrivate: dice.chance(0.02),
  };
}

function recordOf(
  dice: Dice,
  { accounts, contacts, leads, opportunities }: Records,
  types: readonly RecordType[],
): Ref & { readonly owner: number } {
  const type = dice.one(types);
  const person = ({ firstName, lastName }: PersonStory | LeadStory) => `${firstName} ${lastName}`;
  const named = {
    ACCOUNT: accounts.map(({ name, owner }) => ({ name, owner })),
    CONTACT: contacts.map((one) => ({ name: person(one), owner: one.owner })),
    LEAD: leads.map((one) => ({ name: person(one as LeadStory), owner: one.owner })),
    OPPORTUNITY: opportunities.map(({ name, owner }) => ({ name, owner })),
  }[type];
  const index = dice.below(named.length);
  return { type, index, ...(named[index] as { name: string; owner: number }) };
}

/** Around today: a seventh is late, a quarter is for today, a fifth undated. */
function dateOf(dice: Dice, { today }: Setting): TaskDate | null {
  const draw = dice.below(100);
  if (draw < 20) return null;
  const days = draw < 35 ? -1 - dice.below(12) : draw < 58 ? 0 : 1 + dice.below(21);
  const day = addDays(today, days);
  return dice.chance(0.55) ? { day } : { instant: Date.parse(`${day}T${dice.time(7, 19)}:00Z`) };
}

/** What came in is dated when it came; a follow-up by its day. */
const dateMade = (dice: Dice, { today }: Setting, kind: TaskKind, at: number): TaskDate =>
  kind === 'EMAIL_FOLLOWUP' ? { day: addDays(today, dice.below(9) - 6) } : { instant: at };

export function taskOf(
  dice: Dice,
  setting: Setting,
  records: Records,
  activities: readonly ActivityStory[],
  index: number,
): TaskStory {
  const made = index % 7 === 6 ? MADE[Math.floor(index / 7) % MADE.length] : undefined;
  const record = recordOf(dice, records, made ? made[3] : ANY);
  const type = made ? made[1] : dice.one(Object.keys(TITLES) as TaskType[]);
  const title = (made ? made[2] : dice.one<string>(TITLES[type])).replace('{name}', record.name);
  // After the records of its time: leads are younger than the rest.
  const at = ago(dice, setting, record.type === 'LEAD' ? 1 : 19, 0);
  const kind = made ? made[0] : 'LEAD';
  const isDone = dice.chance(0.3);
  const completedAt = at + Math.round((setting.now - at) * dice.between(0.2, 0.95));
  // What is private may be out of the sight of whoever writes this down.
  const origin = dice.chance(0.15) ? dice.below(activities.length) : null;
  const pipeline = !made && dice.chance(0.2) ? dice.below(PIPELINES.length) : null;
  const steps = pipeline === null || isDone ? 0 : dice.below(3);
  return {
    ...{ kind, type, title, at, owner: record.owner },
    // A number that nobody has is nobody's.
    record: kind === 'ANSWERED_DETACHED_CALL' ? null : record,
    category: !made && dice.chance(0.3) ? dice.one(CATEGORIES) : null,
    priority: made ? 'LOW' : dice.one(['LOW', 'LOW', 'MEDIUM', 'HIGH'] as const),
    status:
      made || isDone || pipeline !== null
        ? 'PENDING'
        : dice.one(['PENDING', 'PENDING', 'IN_PROGRESS', 'ON_HOLD', 'CANCELLED'] as const),
    date: made ? dateMade(dice, setting, kind, at) : dateOf(dice, setting),
    assignee: dice.chance(0.88) ? record.owner : null,
    tags: made ? [] : dice.some(TAGS, 2),
    activity: origin !== null && !activities[origin]?.isPrivate ? origin : null,
    pipeline,
    moves: Array.from({ length: steps }, (_, step) => ({
      at: at + Math.round(((setting.now - at) * (step + 1)) / (steps + 1)),
      stage: step + 1,
    })),
    again: kind === 'INCOMING_EMAIL' && dice.chance(0.5) ? (at + (isDone ? completedAt : setting.now)) / 2 : null,
    completed: isDone ? { at: completedAt, outcome: dice.one(OUTCOMES) } : null,
  };
}
