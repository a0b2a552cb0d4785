import type { TaskDate } from '../dates.ts';
import type {
  ActivityStatus,
  ActivityType,
  LeadStatus,
  OpportunityStatus,
  RecordType,
  TaskCategory,
  TaskKind,
  TaskPriority,
  TaskStatus,
  TaskType,
} from '../db/generated/prisma/enums.ts';
import type { Day } from '../time.ts';
import { createDice } from './dice.ts';
import { accountOf, contactOf, leadOf, opportunityOf } from './story-records.ts';
import { activityOf, taskOf } from './story-work.ts';
import { COMPANIES } from './words.ts';

// Two months of a small sales team, up to now: the same for the same day. Things refer to each other by their places.

/** A record by its kind and place. */
export interface Ref {
  readonly type: RecordType;
  readonly index: number;
  readonly name: string;
}

interface Told {
  /** When it was written down; nothing is older than 60 days. */
  readonly at: number;
  /** Places among the people: who owns it, does it, wrote it down. */
  readonly owner: number;
}

export interface AccountStory extends Told {
  readonly name: string;
  readonly domain: string;
  readonly tags: readonly string[];
}
export interface PersonStory extends Told {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly phone: string;
  /** Its account's place; null for nobody's contact. */
  readonly account: number | null;
}
export interface LeadStory extends Omit<PersonStory, 'account'> {
  readonly company: string;
  readonly source: string;
  readonly status: LeadStatus;
}
export interface OpportunityStory extends Told {
  readonly name: string;
  readonly account: number;
  readonly contact: number | null;
  readonly value: string;
  readonly currency: string;
  readonly status: OpportunityStatus;
  readonly closeDate: Day;
}
export interface ActivityStory extends Told {
  readonly account: number;
  readonly contact: number | null;
  readonly type: ActivityType;
  readonly status: ActivityStatus;
  readonly isPrivate: boolean;
  readonly title: string;
  readonly location: string;
  readonly timestamp: number;
  readonly duration: number;
}
export interface TaskStory extends Told {
  /** Those of opportunities come of their close dates. */
  readonly kind: Exclude<TaskKind, 'OPPORTUNITY_DUE'>;
  readonly type: TaskType;
  readonly category: TaskCategory | null;
  readonly title: string;
  readonly priority: TaskPriority;
  /** As it was created; what was completed is PENDING before. */
  readonly status: Exclude<TaskStatus, 'COMPLETED'>;
  readonly date: TaskDate | null;
  /** Null for what matched nobody. */
  readonly record: Ref | null;
  readonly assignee: number | null;
  readonly tags: readonly string[];
  readonly activity: number | null;
  /** The pipeline's place, and the stages that the card came through. */
  readonly pipeline: number | null;
  /** When another e-mail of its thread came in. */
  readonly again: number | null;
  readonly moves: readonly { readonly at: number; readonly stage: number }[];
  readonly completed: { readonly at: number; readonly outcome: string } | null;
}

export interface Story {
  readonly accounts: readonly AccountStory[];
  readonly contacts: readonly PersonStory[];
  readonly leads: readonly LeadStory[];
  readonly opportunities: readonly OpportunityStory[];
  readonly activities: readonly ActivityStory[];
  readonly tasks: readonly TaskStory[];
}

export interface Setting {
  readonly now: number;
  /** The day that it is in the organization's zone. */
  readonly today: Day;
  /** How many people there are to own things. */
  readonly people: number;
}

export function tellStory(setting: Setting): Story {
  const dice = createDice(2_026);
  const accounts = COMPANIES.map((name, index) => accountOf(dice, setting, name, index));
  const contacts = Array.from({ length: 120 }, (_, index) => contactOf(dice, setting, accounts, index));
  const leads = Array.from({ length: 60 }, (_, index) => leadOf(dice, setting, index));
  const opportunities = Array.from({ length: 30 }, (_, index) =>
    opportunityOf(dice, setting, accounts, contacts, index),
  );
  const records = { accounts, contacts, leads, opportunities };
  const activities = Array.from({ length: 230 }, () => activityOf(dice, setting, records));
  const tasks = Array.from({ length: 500 }, (_, index) => taskOf(dice, setting, records, activities, index));
  return { ...records, activities, tasks };
}
