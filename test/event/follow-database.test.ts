import { expect, it } from 'vitest';
import { readPosition } from '../../src/event/store.ts';
import { useGateway } from '../support/gateway.ts';
import { take } from './fake-log.ts';
import { append, foundHouse, type House, happening, moveIn, rows } from './house.ts';

const gateway = useGateway();

/** Follows someone's notifications, after a place or from now on, as `followNotifications` does. */
async function subscribe(house: House, userId: bigint, from?: bigint) {
  const { db, follower } = gateway().app.runtime;
  const { lastSeq } = await readPosition(db, house.id, userId);
  const after = from ?? lastSeq;
  const feed = follower.notifications({ organizationId: house.id, userId, after, head: lastSeq, wanted: () => true });
  return { after, feed };
}

const seqsOf = async (house: House, userId: bigint) => {
  const text = 'SELECT seq FROM notification WHERE organization_id = $1 AND user_id = $2 ORDER BY seq';
  return (await rows<{ seq: bigint }>(gateway(), text, house.id, [userId])).map(({ seq }) => seq);
};

it('400 notifications reach whoever subscribes while they are written, each once, in order, also after breaks', async () => {
  const house = await foundHouse(gateway());
  const [me, you] = [await moveIn(gateway(), house), await moveIn(gateway(), house)];
  const joined: Promise<unknown>[] = [];
  const started: Promise<{ after: bigint; got: bigint[] }>[] = [];

  /** Takes what comes until the last one; now and then it leaves, and comes back with its cursor. */
  const client = async () => {
    const place = subscribe(house, me);
    joined.push(place);
    let { after, feed } = await place;
    const got: bigint[] = [];
    for (let last = false; !last; ) {
      const { value } = await feed.next();
      got.push(value?.notification.seq as bigint);
      last = value?.notification.kind === 'MENTIONED';
      if (last || Math.random() > 0.02) continue;
      await feed.return?.();
      ({ feed } = await subscribe(house, me, got.at(-1)));
    }
    await feed.return?.();
    return { after, got };
  };

  const notify = (userId: bigint) => [{ userId, kind: 'TASK_ASSIGNED' as const }];
  const writer = async () => {
    for (let count = 0; count < 50; count += 1) {
      const mine = [happening(house, notify(me)), happening(house), happening(house, notify(me))];
      await append(gateway(), house, [happening(house, notify(you)), ...mine]);
      if (Math.random() < 0.15) started.push(client());
    }
  };
  started.push(client());
  await Promise.all([writer(), writer(), writer(), writer()]);
  await Promise.all(joined);
  await append(gateway(), house, [happening(house, [{ userId: me, kind: 'MENTIONED' }])]);

  const all = await seqsOf(house, me);
  expect(all).toHaveLength(401);
  const clients = await Promise.all(started);
  expect(clients.length).toBeGreaterThan(5);
  for (const { after, got } of clients) expect(got).toEqual(all.filter((seq) => seq > after));
});

it('replays in pages of a hundred, however many events of others lie between', async () => {
  const house = await foundHouse(gateway());
  const me = await moveIn(gateway(), house);
  const notify = [{ userId: me, kind: 'TASK_ASSIGNED' as const }];
  const events = Array.from({ length: 2_500 }, (_, index) => happening(house, index % 10 === 0 ? notify : []));
  await append(gateway(), house, events);
  const { feed } = await subscribe(house, me, 0n);
  const names = await gateway().statementsOf(async () => {
    expect(await take(feed, 250)).toEqual(await seqsOf(house, me));
  });
  // The last page is not full, which says that there is no more.
  expect(names.filter((name) => name === 'event.own')).toHaveLength(3);
  await feed.return?.();
});

it('a commit is read once for all, however many follow', async () => {
  const house = await foundHouse(gateway());
  const me = await moveIn(gateway(), house);
  const feeds = await Promise.all(Array.from({ length: 30 }, async () => (await subscribe(house, me)).feed));
  const got = Promise.all(feeds.map((feed) => take(feed, 1)));
  // Until the reads of those who joined are over.
  await append(gateway(), house, [happening(house, [{ userId: me, kind: 'TASK_ASSIGNED' }])]);
  await got;
  const again = Promise.all(feeds.map((feed) => take(feed, 1)));
  const names = await gateway().statementsOf(async () => {
    await append(gateway(), house, [happening(house, [{ userId: me, kind: 'TASK_ASSIGNED' }])]);
    await again;
  });
  // A second one when the ring came while it was reading.
  expect(names.filter((name) => name === 'event.batch').length).toBeLessThanOrEqual(2);
  expect(names).not.toContain('event.own');
  for (const feed of feeds) await feed.return?.();
});

it('who replays a long log holds up neither another organization nor their own', async () => {
  const [busy, calm] = [await foundHouse(gateway()), await foundHouse(gateway())];
  const [late, level, other] = [
    await moveIn(gateway(), busy),
    await moveIn(gateway(), busy),
    await moveIn(gateway(), calm),
  ];
  const notify = (userId: bigint) => [{ userId, kind: 'TASK_ASSIGNED' as const }];
  const events = Array.from({ length: 5_000 }, () => happening(busy, notify(late)));
  await append(gateway(), busy, events);
  const feeds = [await subscribe(busy, late, 0n), await subscribe(busy, level), await subscribe(calm, other)];
  const [replay, ...live] = feeds.map(({ feed }) => feed);
  let replayed = 0;
  const replaying = (async () => {
    for (; replayed < events.length; replayed += 1) await replay?.next();
  })();
  const got = live.map((feed) => take(feed, 1));
  await append(gateway(), calm, [happening(calm, notify(other))]);
  await append(gateway(), busy, [happening(busy, notify(level))]);
  await Promise.all(got);
  expect(replayed).toBeLessThan(events.length);
  await replaying;
  for (const { feed } of feeds) await feed.return?.();
});
