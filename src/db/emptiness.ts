import type { Database } from './database.ts';
import { fixed } from './statement.ts';

const anyone = fixed('database.anyone', 'SELECT o.name FROM organization o ORDER BY o.id LIMIT 1');
const forget = fixed('database.forget', 'TRUNCATE organization, "user" RESTART IDENTITY CASCADE');

/** The name of the first organization; null when there is none. */
export const firstOrganization = async (db: Database): Promise<string | null> =>
  (await db.global<{ name: string }>(anyone))[0]?.name ?? null;

/** Takes everything away. Only for what was never handed to anybody. */
export const forgetEverything = (db: Database) => db.global(forget);
