import { expect, it } from 'vitest';
import { forgetEverything } from '../src/db/emptiness.ts';
import { isEmpty, seedDemo } from '../src/demo/seed.ts';
import { useGateway } from './support/gateway.ts';

const gateway = useGateway();
const runtime = () => gateway().app.runtime;
const names = async () =>
  (await runtime().db.prisma.organization.findMany({ orderBy: { name: 'asc' } })).map(({ name }) => name);

it('the demo goes into an empty database, once', async () => {
  expect(await isEmpty(runtime())).toBe(true);
  await seedDemo(runtime());
  expect(await names()).toEqual(['Demo', 'Other']);
  expect(await isEmpty(runtime())).toBe(false);
  await forgetEverything(runtime().db);
});

it('a demo whose making was cut off is taken away and made again', async () => {
  const { now } = runtime();
  let calls = 0;
  // The clock is asked at every step: here the process "dies" in the middle.
  const dying = {
    ...runtime(),
    now: () => {
      calls += 1;
      if (calls > 12) throw new Error('killed');
      return now();
    },
  };
  await expect(seedDemo(dying)).rejects.toThrow('killed');
  expect(await names()).toContain('Demo');

  expect(await isEmpty(runtime())).toBe(true);
  expect(await names()).toEqual([]);
  await seedDemo(runtime());
  expect(await names()).toEqual(['Demo', 'Other']);
});
