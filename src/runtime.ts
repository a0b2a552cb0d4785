import type { Logger } from 'pino';
import type { Database } from './db/database.ts';
import type { Consequence } from './event/consequences.ts';
import type { Follower } from './event/follow.ts';

/** What the rooms are given to work with: one a process, made by the composition root. */
export interface Runtime {
  readonly db: Database;
  readonly log: Logger;
  /** The clock; tests set their own. Milliseconds, as the database keeps them. */
  readonly now: () => Date;
  /** Says that an organization's log has grown: wakes the readers of this process and, soon after, those of all others. */
  readonly ring: (organizationId: bigint) => void;
  /** Says that something is due soon: wakes the workers of all processes. */
  readonly ringWork: () => void;
  /** What API keys are hashed with. */
  readonly apiKeySecret: string;
  /** How long what was deleted stays in the bin. */
  readonly binRetentionDays: number;
  /** Follows an organization's log. */
  readonly follower: Follower;
  /** What follows by itself from what is written, in the order in which it is done. */
  readonly consequences: readonly Consequence[];
}
