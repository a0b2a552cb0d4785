import type { Context } from './context.ts';
import type { Loaders } from './loaders.ts';

const moments = new WeakMap<Loaders, number>();

/**
 * When an operation, or one batch of a subscription's events, is answered, in milliseconds: what stands beside each other
 * in an answer agrees on what is overdue and which day is today.
 */
export function nowOf({ loaders, runtime }: Context): number {
  const found = moments.get(loaders) ?? runtime.now().getTime();
  moments.set(loaders, found);
  return found;
}
