/** Chance that a number decides: the same number, the same life. */
export interface Dice {
  /** A whole number from 0, below the limit. */
  below(limit: number): number;
  /** Whether something happens that does once in so many times. */
  onceIn(times: number): boolean;
  of<Value>(values: readonly Value[]): Value;
  maybe<Value>(value: Value): Value | null;
}

/** Mulberry32: small, and even enough to choose by. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const onceIn = (times: number) => below(times) === 0;
  return {
    below,
    onceIn,
    of: <Value>(values: readonly Value[]) => values[below(values.length)] as Value,
    maybe: (value) => (onceIn(3) ? null : value),
  };
}
