import { afterAll, beforeAll, expect, it } from 'vitest';
import { percentile } from './measures.ts';
import { openWorld, pause, pick, type Supervised, size, type World } from './world.ts';

const KILLS = size(4, 60);
const WRITERS = 12;

let world: World;
beforeAll(async () => {
  world = await openWorld({ gateways: 2, people: 3 });
});
afterAll(() => world.close());

it('a gateway that is killed while it writes leaves a whole log, no half task, and nobody waiting', async () => {
  const [victim, survivor] = world.gateways as [Supervised, Supervised];
  const acknowledged: string[] = [];
  const waits: number[] = [];
  let failed = 0;
  let over = false;
  let quiet = false;

  /** Reads at "seq > last" all the while. */
  const seen: number[] = [];
  const reader = async () => {
    for (let last = false; !last; ) {
      last = quiet;
      const text = 'SELECT seq::int AS seq FROM event WHERE organization_id = $1 AND seq > $2 ORDER BY seq';
      const rows = await world.query<{ seq: number }>(text, world.office.organization.id, seen.at(-1) ?? 0);
      seen.push(...rows.map(({ seq }) => seq));
    }
  };
  const writer = async (_: unknown, who: number) => {
    const gateway = who % 3 === 0 ? survivor : victim;
    for (let count = 0; !over; count += 1) {
      const begin = performance.now();
      await world.assign(gateway, pick(world.people), `${who}.${count}`).then(
        (id) => {
          acknowledged.push(id);
          if (gateway === survivor) waits.push(performance.now() - begin);
        },
        async () => {
          failed += 1;
          await pause(20);
        },
      );
    }
  };
  const killer = async () => {
    for (let count = 0; count < KILLS; count += 1) {
      const before = acknowledged.length;
      await expect.poll(() => victim.process, { timeout: 30_000 }).toBeTruthy();
      await expect.poll(() => acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(before + 20);
      await pause(Math.random() * 300);
      await victim.kill('SIGKILL');
    }
    over = true;
  };
  const reading = reader();
  await Promise.all([killer(), ...Array.from({ length: WRITERS }, writer)]);
  // What the dead had begun PostgreSQL ends by itself, one way or the other.
  const open = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'taskwire' AND xact_start IS NOT NULL`;
  await expect.poll(async () => (await world.query(open)).length, { timeout: 10_000 }).toBe(0);
  quiet = true;
  await reading;
  const { organization } = world.office;

  const [log] = await world.query<{ last: number; count: number }>(
    `SELECT l.last_seq::int AS last, (SELECT count(*)::int FROM event e WHERE e.organization_id = $1) AS count
     FROM organization_log l WHERE l.organization_id = $1`,
    organization.id,
  );
  expect(seen).toEqual(Array.from({ length: log?.last as number }, (_, index) => index + 1));
  expect(log?.count).toBe(log?.last);

  // Each task with its two events, its images and its notification, and none of these without their task.
  const tasks = await world.query<{ id: string; kinds: string; images: number; told: number }>(
    `SELECT 'task_' || COALESCE(t.uid, e.subject_uid) AS id, string_agg(e.kind::text, ' ' ORDER BY e.seq) AS kinds,
       count(e.image_after)::int AS images, count(n.seq)::int AS told
     FROM (SELECT * FROM event WHERE organization_id = $1 AND subject_type = 'TASK') e
     FULL JOIN (SELECT * FROM task WHERE organization_id = $1) t ON t.id = e.subject_id
     LEFT JOIN notification n ON n.organization_id = $1 AND n.seq = e.seq
     GROUP BY 1`,
    organization.id,
  );
  expect(
    tasks.filter(({ kinds, images, told }) => `${kinds} ${images} ${told}` !== 'TASK_CREATED TASK_ASSIGNED 1 1'),
  ).toEqual([]);
  const kept = new Set(tasks.map(({ id }) => id));
  expect(
    acknowledged.filter((id) => !kept.has(id)),
    'acknowledged, and lost',
  ).toEqual([]);

  console.log('writer killed', {
    kills: KILLS,
    acknowledged: acknowledged.length,
    failed,
    'kept though never acknowledged': kept.size - acknowledged.length,
    'ms that a write took at the other gateway': {
      p50: Math.round(percentile(waits, 50)),
      max: Math.round(percentile(waits, 100)),
    },
  });
  // What the dead held is let go as soon as PostgreSQL sees that they are gone.
  expect(percentile(waits, 100)).toBeLessThan(10_000);
});
