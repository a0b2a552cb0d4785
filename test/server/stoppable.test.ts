import { expect, test } from 'vitest';
import { stoppable } from '../../src/server/stoppable.ts';

async function* parked() {
  yield 1;
  await new Promise(() => {});
}

test('return ends a pending next at once, though the generator is parked for ever', async () => {
  const stopped: string[] = [];
  const results = stoppable(
    parked(),
    () => stopped.push('stopped'),
    () => {},
  );
  expect(await results.next()).toEqual({ done: false, value: 1 });
  const pending = results.next();
  expect(await results.return?.()).toEqual({ done: true, value: undefined });
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(await results.next()).toEqual({ done: true, value: undefined });
  expect(stopped).toEqual(['stopped']);
  // The control: the generator by itself does not come back.
  const bare = parked();
  await bare.next();
  bare.next();
  const late = new Promise((resolve) => setTimeout(resolve, 20, 'late'));
  expect(await Promise.race([bare.return(), late])).toBe('late');
});

test('what cleaning up throws is told, not thrown', async () => {
  const errors: unknown[] = [];
  const source = { next: () => new Promise<never>(() => {}), return: () => Promise.reject(new Error('clean-up')) };
  await stoppable(
    source,
    () => {},
    (error) => errors.push(error),
  ).return?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(errors).toMatchObject([{ message: 'clean-up' }]);
});

test('an end is passed on, and is not a stop', async () => {
  const stopped: string[] = [];
  const source = [1][Symbol.iterator]();
  const results = stoppable(
    { next: async () => source.next() as IteratorResult<number, void> },
    () => stopped.push('x'),
    () => {},
  );
  expect(await results.next()).toEqual({ done: false, value: 1 });
  expect((await results.next()).done).toBe(true);
  await results.return?.();
  expect(stopped).toEqual([]);
});
