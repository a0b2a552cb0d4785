import fc from 'fast-check';
import type { Person, TaskLink, TaskPatch, TaskState } from '../../src/task/rules.ts';
import { blankTask } from '../../src/task/rules.ts';

export const KINDS = [
  'LEAD',
  'INCOMING_EMAIL',
  'EMAIL_FOLLOWUP',
  'MISSED_CALL',
  'ANSWERED_DETACHED_CALL',
  'VOICEMAIL',
  'OPPORTUNITY_DUE',
  'INCOMING_SMS',
] as const;
export const STATUSES = ['PENDING', 'IN_PROGRESS', 'ON_HOLD', 'COMPLETED', 'CANCELLED'] as const;

export const kind = fc.constantFrom(...KINDS);
export const status = fc.constantFrom(...STATUSES);

const uid = (n: number) => String(n).padStart(26, '0');
export const person = fc.integer({ min: 1, max: 4 }).map((n): Person => ({ id: BigInt(n), uid: uid(n) }));
const link = fc
  .record({ type: fc.constantFrom('ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY'), n: fc.integer({ min: 1, max: 3 }) })
  .map(({ type, n }): TaskLink => ({ type, id: BigInt(n), uid: uid(n), accountId: 1n, leadId: null }));
const date = fc.oneof(
  fc.integer({ min: 1, max: 28 }).map((day) => ({ day: `2026-02-${String(day).padStart(2, '0')}` })),
  fc.integer({ min: 1_770_000_000, max: 1_770_900_000 }).map((seconds) => ({ instant: seconds * 1000 })),
);
const word = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const tags = fc.uniqueArray(word, { maxLength: 4 });

/** What asks for completion, for reopening, for both, or for neither. */
const completion = fc.record(
  { status, isComplete: fc.boolean(), outcome: fc.option(fc.constantFrom('Sold.', '')) },
  { requiredKeys: [] },
);

const everyKind = { date: fc.option(date), assignee: fc.option(person) };
const leadOnly = {
  title: fc.constantFrom('Call', ' Call ', 'Write'),
  description: fc.option(fc.constantFrom('', 'At length.')),
  type: fc.constantFrom('FOLLOW_UP', 'DEMO'),
  category: fc.option(fc.constantFrom('TEAM_UPDATE', 'ACCOUNT_REVIEW')),
  priority: fc.constantFrom('LOW', 'HIGH'),
  link: fc.option(link),
  attachmentUrls: fc.uniqueArray(fc.constantFrom('https://a.example/1', 'http://a.example/2'), { maxLength: 2 }),
  tags,
} as const;

/** Patches whose values are all acceptable; about half say something of completion. */
export const patch: fc.Arbitrary<TaskPatch> = fc
  .tuple(
    fc.oneof(completion, fc.constant({})),
    fc.record(everyKind, { requiredKeys: [] }),
    fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, fc.record(leadOnly, { requiredKeys: [] })),
  )
  .map(([asked, plain, rest]) => ({ ...asked, ...plain, ...rest }) as TaskPatch);

/** States that could be in the database: a completed one says when and by whom. */
export const state: fc.Arbitrary<TaskState> = fc
  .record({
    kind,
    status,
    completedBy: person,
    completedAt: fc.date({ min: new Date('2026-01-01'), max: new Date('2026-01-31'), noInvalidDate: true }),
    statusBefore: fc.option(fc.constantFrom('PENDING', 'IN_PROGRESS', 'ON_HOLD', 'CANCELLED')),
    outcome: fc.option(fc.constantFrom('Sold.', 'Nothing.')),
    ...everyKind,
    ...leadOnly,
  })
  .map(({ status: now, completedAt, completedBy, statusBefore, outcome, ...rest }) => ({
    ...blankTask,
    ...(rest as object),
    status: now,
    ...(now === 'COMPLETED' && { completedAt, completedBy, statusBefore, outcome }),
  }));
