/**
 * The same results, but `return()` takes effect at once: it settles a pending `next()`, and passes on to the source
 * without waiting for it. A generator parked on an await would otherwise hold up whoever returns it, and an error of
 * its clean-up would reach them. `onStop` is told when `return()` comes before the end.
 */
export function stoppable<Result>(
  source: AsyncIterator<Result, void, void>,
  onStop: () => void,
  onCleanUpError: (error: unknown) => void,
): AsyncIterableIterator<Result, void, void> {
  let over = false;
  let settlePending: ((step: IteratorResult<Result, void>) => void) | undefined;
  const done = { done: true, value: undefined } as const;

  return {
    next() {
      if (over) return Promise.resolve(done);
      return new Promise((resolve, reject) => {
        settlePending = resolve;
        source.next().then((step) => {
          over ||= step.done === true;
          resolve(step);
        }, reject);
      });
    },
    async return() {
      if (over) return done;
      over = true;
      onStop();
      settlePending?.(done);
      source.return?.()?.catch(onCleanUpError);
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
