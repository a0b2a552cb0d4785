/**
 * Lets at most `limit` pieces of work of one key run at once; the rest wait in memory, first come first served, so that a
 * busy organization cannot take the pool from the others.
 */
export class Turns {
  readonly #limit: number;
  readonly #keys = new Map<bigint, { running: number; waiting: (() => void)[] }>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  async run<T>(key: bigint, work: () => Promise<T>): Promise<T> {
    const turn = this.#keys.get(key) ?? { running: 0, waiting: [] };
    this.#keys.set(key, turn);
    if (turn.running < this.#limit) turn.running += 1;
    else await new Promise<void>((go) => turn.waiting.push(go)); // its place is handed over, never given back and raced for
    try {
      return await work();
    } finally {
      const next = turn.waiting.shift();
      if (next) next();
      else if (--turn.running === 0) this.#keys.delete(key);
    }
  }
}
