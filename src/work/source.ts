import type { Tx } from '../db/database.ts';

/** A claim on some rows of one organization. */
export interface Lease {
  readonly organizationId: bigint;
  /** Names the claim in every final write. */
  readonly token: string;
  /** How long it holds from its last heartbeat on. */
  readonly ms: number;
}

/** A row that is ours for as long as its lease. */
export interface Claimed {
  readonly id: bigint;
  /** Carries it out and writes its end, fenced; answers when it is due again. */
  run(signal: AbortSignal): Promise<Date | null>;
  /** Writes that the attempt has failed, fenced; answers when it is due again. */
  fail(error: unknown): Promise<Date | null>;
}

/**
 * A table whose rows come due: jobs, and whatever else is worked off. The loop is the same for all; what a row means, and
 * how its end is written, is the source's.
 */
export interface Source {
  /** Takes up to `limit` due rows of the transaction's organization that nobody holds, and counts the attempt. */
  claim(tx: Tx, lease: Lease, limit: number): Promise<readonly Claimed[]>;
  /** When the next row can be claimed, ends of leases included. */
  nextDue(tx: Tx): Promise<Date | null>;
  /** Extends the lease of these rows; answers those that are still ours. */
  renew(lease: Lease, ids: readonly bigint[]): Promise<ReadonlySet<bigint>>;
  /** Gives rows back at once; those not begun get their attempt back. Answers when the first is due. */
  release(lease: Lease, ids: readonly bigint[], begun: boolean): Promise<Date | null>;
}
