import { expect, it } from 'vitest';
import { useGateway } from '../../support/gateway.ts';
import { live, nothingYet } from './kept/life.ts';
import { BEGIN, type Clock } from './kept/town.ts';

// One short life of those in kept.long.test.ts.

const clock: Clock = { now: BEGIN };
const gateway = useGateway({ now: () => clock.now });

it('a list kept by changes is the list read, whatever is written and whenever its client is cut off', async () => {
  const lived = nothingYet();
  await live([gateway()], clock, { seed: 7, rounds: 5, lists: 6, tasks: 12, writers: 3 }, lived);
  expect(lived.changes).toBeGreaterThan(10);
  expect(lived.cuts).toBeGreaterThan(0);
}, 60_000);
