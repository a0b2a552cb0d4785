import type { EmailOutcomePolicy, Weekday } from '../../db/generated/prisma/enums.ts';
import { refusalsOf, refuseName } from '../../limits.ts';
import { Invalid, type Refusal } from '../../refusals.ts';

/** What an organization decides for all of its people. */
export interface Settings {
  readonly name: string;
  readonly timeZone: string;
  readonly weekStartsOn: Weekday;
  readonly requireAssignee: boolean;
  /** Null: complete tasks are kept forever. */
  readonly taskRetentionDays: number | null;
  readonly emailOnUnknownOutcome: EmailOutcomePolicy;
}

/** As a caller gives them: what is absent is left alone. */
export type SettingsPatch = { readonly [Field in keyof Settings]?: Settings[Field] | null | undefined };

/** A hundred years: more days than that are meant as "forever", which is null. */
export const MAX_RETENTION_DAYS = 36_500;

/** In the order in which the log tells of them. */
export const SETTINGS = [
  'name',
  'timeZone',
  'weekStartsOn',
  'requireAssignee',
  'taskRetentionDays',
  'emailOnUnknownOutcome',
] as const;

const refuseDays = (days: number | null | undefined): Refusal | null =>
  days != null && (days < 1 || days > MAX_RETENTION_DAYS)
    ? new Invalid(`Complete tasks are kept for 1 to ${MAX_RETENTION_DAYS} days, or forever: null.`, [
        'taskRetentionDays',
      ])
    : null;

export type Decided =
  | { readonly ok: true; readonly after: Settings }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** What becomes of an organization's settings, or every reason why not. */
export function decideSettings(before: Settings, patch: SettingsPatch): Decided {
  const refusals = [
    ...SETTINGS.filter((field) => field !== 'taskRetentionDays' && patch[field] === null).map(
      (field) => new Invalid('This cannot be null; leave it out to keep it as it is.', [field]),
    ),
    ...refusalsOf(patch.name == null ? null : refuseName(patch.name, ['name']), refuseDays(patch.taskRetentionDays)),
  ];
  if (refusals.length > 0) return { ok: false, refusals };
  const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return {
    ok: true,
    after: { ...before, ...given, ...(patch.name != null && { name: patch.name.trim() }) } as Settings,
  };
}

/** What the user is called to whom all is attributed that the system does by itself. */
export const assistantNameOf = (organizationName: string): string => `${organizationName} Assistant`;
