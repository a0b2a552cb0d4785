import type { StageFacts } from '../rules.ts';

/** A stage from which cards go, and which of them. */
export interface Source {
  readonly id: bigint;
  readonly uid: string;
  readonly whose: 'ALL' | 'COMPLETE' | 'INCOMPLETE';
  /** Only those behind this place. */
  readonly behind?: string;
}

/** Cards that go the same way: from some stages, in this order, to the won stage and else to `to`. */
export interface Way {
  readonly from: readonly Source[];
  readonly to: StageFacts | null;
  /** Whether people may write to these stages meanwhile. What is deleted takes nothing in. */
  readonly isLive: boolean;
}

/** How far a pass has come: all up to this place in this stage is done, and all that is in turn before the stage. */
export interface Mark {
  readonly stageUid: string;
  readonly position: string;
}

const isOn = ({ from }: Way, mark: Mark) => from.some(({ uid }) => uid === mark.stageUid);

/** What is left of ways behind a mark; all of them without one, and where its stage is not among them any more. */
export function remaining(ways: readonly Way[], mark: Mark | null): readonly Way[] {
  const at = mark ? ways.findIndex((way) => isOn(way, mark)) : -1;
  const way = ways[at];
  if (!mark || !way) return ways;
  const [stage, ...rest] = way.from.slice(way.from.findIndex(({ uid }) => uid === mark.stageUid));
  const from = [{ ...(stage as Source), behind: mark.position }, ...rest];
  return [{ ...way, from }, ...ways.slice(at + 1)];
}

/**
 * Whether a pass that went on from a mark to the end may have left something behind it: in live stages cards get new
 * places, and stages another order. Then all is looked through once more.
 */
export const mayHaveMissed = (ways: readonly Way[], mark: Mark | null): boolean =>
  mark !== null && ways.some((way) => way.isLive && isOn(way, mark));
