/** Until the last of them is told to go, whatever their number. */
const LONGEST_MS = 3_000;
/** How far apart they are told, where there are few. */
const APART_MS = 10;

/**
 * How many milliseconds apart so many sockets or streams are told to go: their clients come back at once, to those who are
 * left, who must not meet them all in the same moment. The first goes at once.
 */
export const apartMs = (count: number, withinMs: number): number =>
  Math.min(APART_MS, Math.min(LONGEST_MS, withinMs) / Math.max(1, count));
