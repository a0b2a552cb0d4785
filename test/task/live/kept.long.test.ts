import { afterAll, beforeAll, expect, it } from 'vitest';
import { Gateway, useGateway } from '../../support/gateway.ts';
import { live, nothingYet } from './kept/life.ts';
import { BEGIN, type Clock } from './kept/town.ts';

// A list kept by changes is the list read, whoever writes and whatever the clock does: lives drawn by a seed.
// SEED=n tries one again, RUNS=n more of them; each has 25 rounds.

const clock: Clock = { now: BEGIN };
const gateway = useGateway({ now: () => clock.now });
let second: Gateway;
beforeAll(async () => {
  second = await Gateway.start({ now: () => clock.now, database: gateway().database });
});
afterAll(() => second.stop({ keep: true }));

const seed = Number(process.env['SEED'] ?? 20_261_122);
const given = process.env['RUNS'];
const runs = Number(given ?? 2);

it(
  'is the list as it is read, after any writes by several writers, through two gateways, with cuts anywhere, as time passes',
  async () => {
    const lived = nothingYet();
    const failures: string[] = [];
    for (let run = 0; run < runs; run += 1) {
      const life = { seed: seed + run, rounds: 25, lists: 14, tasks: 12, writers: 4 };
      await live([gateway(), second], clock, life, lived).catch((error: Error) => {
        failures.push(error.message);
        if (given) console.info(error.message);
      });
      if (given) console.info(`${life.seed}: ${JSON.stringify(lived)}`);
      if (!given && failures.length > 0) break;
    }
    expect(failures).toEqual([]);
    expect(lived.done).toBeGreaterThan(lived.refused);
  },
  Math.max(120_000, runs * 120_000),
);
