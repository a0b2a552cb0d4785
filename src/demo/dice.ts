/** Dice that fall the same way each time. */
export interface Dice {
  /** From 0 to below a number. */
  below(count: number): number;
  between(from: number, to: number): number;
  chance(share: number): boolean;
  one<Value>(values: readonly Value[]): Value;
  /** At most so many of them, in their order. */
  some<Value>(values: readonly Value[], most: number): Value[];
  /** `HH:MM`, by quarters of an hour. */
  time(fromHour: number, toHour: number): string;
}

export function createDice(seed: number): Dice {
  let state = seed;
  // mulberry32: small, and good enough for a demo.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (count: number) => Math.floor(next() * count);
  const two = (number: number) => String(number).padStart(2, '0');
  return {
    below,
    between: (from, to) => from + next() * (to - from),
    chance: (share) => next() < share,
    one: (values) => values[below(values.length)] as never,
    some: (values, most) => {
      const wanted = below(most + 1);
      const start = below(values.length);
      return values.filter((_, index) => (index - start + values.length) % values.length < wanted);
    },
    time: (fromHour, toHour) => `${two(fromHour + below(toHour - fromHour + 1))}:${two(below(4) * 15)}`,
  };
}
