import { expect, it } from 'vitest';
import { Turns } from '../../src/db/turns.ts';

/** Works that the test ends one by one, and which of them run. */
function bench(turns: Turns) {
  const running = new Map<string, PromiseWithResolvers<string>>();
  const begun: string[] = [];
  return {
    running: () => [...running.keys()],
    begun,
    start: (key: bigint, name: string) =>
      turns.run(key, () => {
        const work = Promise.withResolvers<string>();
        running.set(name, work);
        begun.push(name);
        return work.promise;
      }),
    end(name: string, how: 'resolve' | 'reject' = 'resolve') {
      const work = running.get(name);
      running.delete(name);
      if (how === 'resolve') work?.resolve(name);
      else work?.reject(new Error(name));
    },
  };
}

/** Lets everything go on that only waits for promises. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('runs as many of one key as it may, and the rest in the order they came', async () => {
  const { start, end, running, begun } = bench(new Turns(2));
  const results = Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => start(1n, name)));
  await settled();
  expect(running()).toEqual(['a', 'b']);
  end('b');
  await settled();
  expect(running()).toEqual(['a', 'c']);
  for (const name of ['a', 'c', 'd', 'e']) {
    end(name);
    await settled();
  }
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await results).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('keeps nobody of another key waiting', async () => {
  const { start, end, running } = bench(new Turns(1));
  const all = [start(1n, 'a'), start(1n, 'b'), start(2n, 'x')];
  await settled();
  expect(running()).toEqual(['a', 'x']);
  for (const name of ['a', 'x', 'b']) {
    end(name);
    await settled();
  }
  await Promise.all(all);
});

it('hands a turn on when the work fails, at once or later', async () => {
  const turns = new Turns(1);
  const { start, end, running } = bench(turns);
  const failing = start(1n, 'a');
  const thrown = turns.run(1n, () => {
    throw new Error('at once');
  });
  const next = start(1n, 'b');
  end('a', 'reject');
  await expect(failing).rejects.toThrow('a');
  await expect(thrown).rejects.toThrow('at once');
  await settled();
  expect(running()).toEqual(['b']);
  end('b');
  expect(await next).toBe('b');
});

it('gives a place that is handed over to nobody else, whenever they come', async () => {
  const { start, end, running, begun } = bench(new Turns(1));
  const all = [start(1n, 'a'), start(1n, 'b')];
  await settled();
  end('a');
  // One before, one after and one at each step while the place changes hands.
  const others = ['c', 'd', 'e', 'f', 'g'];
  for (const name of others) {
    all.push(start(1n, name));
    await null;
  }
  await settled();
  expect(running()).toEqual(['b']);
  for (const name of ['b', ...others]) {
    end(name);
    await settled();
  }
  await Promise.all(all);
  expect(begun).toEqual(['a', 'b', ...others]);
});

it('begins anew once all are done', async () => {
  const { start, end, running } = bench(new Turns(2));
  for (const round of ['first', 'second']) {
    const names = [1, 2, 3].map((n) => `${round} ${n}`);
    const all = names.map((name) => start(1n, name));
    await settled();
    expect(running()).toEqual(names.slice(0, 2));
    for (const name of names) {
      end(name);
      await settled();
    }
    await Promise.all(all);
  }
});
