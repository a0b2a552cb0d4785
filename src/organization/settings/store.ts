import type { Tx } from '../../db/database.ts';
import { fixed } from '../../db/statement.ts';
import type { Settings } from './rules.ts';

interface Row extends Settings {
  readonly id: bigint;
  readonly uid: string;
}

const lock = fixed(
  'organization.lockSettings',
  `SELECT o.id, o.uid, o.name, o.time_zone AS "timeZone", o.week_starts_on AS "weekStartsOn",
     o.require_assignee AS "requireAssignee", o.task_retention_days AS "taskRetentionDays",
     o.email_on_unknown_outcome AS "emailOnUnknownOutcome"
   FROM organization o WHERE o.id = $1 FOR NO KEY UPDATE`,
);

/** The organization's settings, which nobody else changes until the transaction ends. */
export async function lockSettings(tx: Tx): Promise<{ readonly uid: string; readonly settings: Settings }> {
  const [row] = await tx.rows<Row>(lock);
  if (!row) throw new Error(`There is no organization ${tx.organizationId}.`);
  const { id: _, uid, ...settings } = row;
  return { uid, settings };
}

const write = fixed(
  'organization.writeSettings',
  `UPDATE organization o SET name = $2, time_zone = $3, week_starts_on = $4::weekday, require_assignee = $5,
     task_retention_days = $6, email_on_unknown_outcome = $7::email_outcome_policy
   WHERE o.id = $1`,
);

export async function writeSettings(tx: Tx, settings: Settings): Promise<void> {
  const { name, timeZone, weekStartsOn, requireAssignee, taskRetentionDays, emailOnUnknownOutcome } = settings;
  await tx.rows(write, [name, timeZone, weekStartsOn, requireAssignee, taskRetentionDays, emailOnUnknownOutcome]);
}

const rename = fixed(
  'organization.renameAssistant',
  `UPDATE "user" u SET name = $3 FROM membership m
   WHERE m.organization_id = $1 AND m.kind = 'ASSISTANT' AND u.id = m.user_id AND u.name = $2`,
);

/** Calls the assistant otherwise, if it is called so. */
export const renameAssistant = async (tx: Tx, from: string, to: string) => void (await tx.rows(rename, [from, to]));
