import { OPEN_STATUSES } from './door/rules.ts';

/** The three forms of date: each is a branch of its own, one range of one index. */
export type Form = 'day' | 'instant' | 'undated';

export const FORMS: readonly Form[] = ['day', 'instant', 'undated'];

// These stand in the indexes' definitions word for word, or the planner does not find them (test/db/task-pages.test.ts).
export const FORM_CONDITIONS: Readonly<Record<Form, string>> = {
  day: 't.due_on IS NOT NULL',
  instant: 't.due_at IS NOT NULL',
  undated: 't.due_on IS NULL AND t.due_at IS NULL',
};
/** An open task's status; so it stands in the partial indexes' conditions too. */
export const OPEN = `t.status IN (${OPEN_STATUSES.map((status) => `'${status}'`).join(', ')})`;
export const IS_OPEN = `(${OPEN}) IS TRUE`;
export const IS_CLOSED = `(${OPEN}) IS FALSE`;
