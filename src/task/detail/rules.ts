import type { TaskKind } from '../../db/generated/prisma/enums.ts';

/** Of what each kind of task is the task [CLOSE-15]; null for a to-do, whose lead is its linked record [CLOSE-16]. */
export const OBJECT_TYPES = {
  LEAD: null,
  INCOMING_EMAIL: 'emailthread',
  EMAIL_FOLLOWUP: 'emailthread',
  MISSED_CALL: 'call',
  ANSWERED_DETACHED_CALL: 'call',
  VOICEMAIL: 'call',
  OPPORTUNITY_DUE: 'opportunity',
  INCOMING_SMS: 'sms',
} as const satisfies Record<TaskKind, string | null>;

const PREVIEW = 200;
/** More than a preview ever needs, however much of it is white space. */
const LOOKED_AT = 10_000;

/** How a text begins: white space and line breaks are single spaces, at most 200 characters. Null when it says nothing. */
export function previewOf(text: string | null): string | null {
  const words = (text ?? '').trimStart().slice(0, LOOKED_AT).replace(/\s+/g, ' ').trim();
  return [...words].slice(0, PREVIEW).join('').trim().toWellFormed() || null;
}
