import { Invalid, NotFound, type Refusal } from '../refusals.ts';

const MAX_IDS = 1_000;

/** Which notifications are meant: one of the three is said. */
export interface Which {
  readonly ids: readonly string[] | null;
  readonly all: boolean;
  /** A log cursor. */
  readonly upTo: string | null;
}

/** Why this does not say which notifications are meant; null when it does. */
export function refuseWhich({ ids, all, upTo }: Which): Refusal | null {
  const said = [ids !== null, all, upTo !== null].filter(Boolean).length;
  if (said !== 1) return new Invalid('Give exactly one of `ids`, `all: true` and `upTo`.');
  return ids && ids.length > MAX_IDS
    ? new Invalid(`At most ${MAX_IDS.toLocaleString('en')} ids at once.`, ['ids'])
    : null;
}

/** The ids that name none of the viewer's notifications: `seqs` holds the place in the log of each, null for junk. */
export const refuseUnknown = (seqs: readonly (bigint | null)[], known: ReadonlySet<bigint>): Refusal[] =>
  seqs.flatMap((seq, index) =>
    seq !== null && known.has(seq) ? [] : [new NotFound('There is no such notification.', ['ids', String(index)])],
  );

export const refuseUpTo = (): Refusal =>
  new Invalid('This is no cursor of this organization’s log up to now.', ['upTo']);
