import { describe, expect, it } from 'vitest';
import type { Reader } from '../../../src/db/database.ts';
import type { ToldBatch } from '../../../src/event/told.ts';
import { LiveLog } from '../../../src/task/live/log.ts';

// What those who follow one log share, without a database.

const ORG = 7n;

function open() {
  const database = { reads: 0, texts: [] as string[], head: 3n, failing: false };
  const reader = {
    rows: async ({ text }: { readonly text: string }) => {
      database.reads += 1;
      database.texts.push(text);
      if (database.failing) throw new Error('The database is away.');
      const { head } = database;
      return [{ to: head, head, pruned: false, changed: null, seq: null }];
    },
  } as Reader;
  return { database, log: new LiveLog(reader, ORG) };
}

describe('a page of those who lag', () => {
  it('is read once for all at one place', async () => {
    const { database, log } = open();
    const pages = await Promise.all([log.page(1n, 3n, 0), log.page(1n, 2n, 0), log.page(1n, 3n, 0)]);
    expect(new Set(pages).size).toBe(1);
    expect(database.reads).toBe(1);
  });

  it('that could not be read is read again', async () => {
    const { database, log } = open();
    database.failing = true;
    await expect(log.page(1n, 3n, 0)).rejects.toThrow('away');
    database.failing = false;
    expect((await log.page(1n, 3n, 0)).to).toBe(3n);
  });

  it('is read anew for whoever knows more of the log than was there', async () => {
    const { database, log } = open();
    const before = await log.page(1n, 3n, 0);
    database.head = 4n;
    const after = await log.page(1n, 4n, 0);
    expect([before.to, after.to]).toEqual([3n, 4n]);
    expect(after.moment).toBeGreaterThan(before.moment);
  });

  it('is read anew for all once the log was read on', async () => {
    const { database, log } = open();
    await log.page(1n, 3n, 0);
    database.head = 4n;
    await log.read(3n, 0);
    expect((await log.page(1n, 3n, 0)).to).toBe(4n);
  });
});

it('lists are judged in the order of how many ask in the same words', async () => {
  const { database, log } = open();
  const batch = { organizationId: ORG, after: 0n, to: 1n, moment: 1, told: [{ seq: 1n }] } as unknown as ToldBatch;
  const shapes = ['alone', 'many', 'two', 'many', 'two', 'many', 'also alone'];
  const lists = shapes.map((shape, at) => ({ shape, columns: [], types: [], values: [], row: `{"c":${at}}` }));
  await Promise.all(lists.map((list) => log.judgements(batch, list)));
  expect(database.texts.map((text) => /JOIN image t ON (.+)/.exec(text)?.[1])).toEqual([
    'many',
    'two',
    'alone',
    'also alone',
  ]);
});
