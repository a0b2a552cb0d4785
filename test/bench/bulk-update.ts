/**
 * How fast a bulk update of 1,000 tasks is, beside one hand-written UPDATE of the same rows, without rules, log or GraphQL,
 * and beside as many single `updateTask`: the same machine, database and rows, turn by turn.
 * `node test/bench/bulk-update.ts [turns]`
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { createApp } from '../../src/app.ts';
import { signToken } from '../../src/auth/tokens.ts';
import { readConfig } from '../../src/config.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { encodeId } from '../../src/ids.ts';
import { addMember, createOrganization } from '../../src/organization/service.ts';
import { plantTasks } from '../task/many.ts';

const SECRET = 'a secret that is only used in this bench';
const TASKS = 10_000;
const MANY = 1_000;
const CALLERS = 8;

const BULK = `mutation ($input: BulkUpdateTasksInput!) { bulkUpdateTasks(input: $input) { updatedCount errors { message } } }`;
const SINGLE = `mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { errors { message } } }`;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function measure(databaseUrl: string, turns: number) {
  const app = await createApp(readConfig({ PORT: '0', LOG_LEVEL: 'silent' }), {
    databaseUrl,
    jwtSecret: SECRET,
    logger: pino({ level: 'silent' }),
  });
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { url } = await app.listen();
    const organization = await createOrganization(app.runtime, { name: 'Bench', timeZone: 'Europe/Paris' });
    const join = (name: string) =>
      addMember(app.runtime, organization, { email: `${name}@bench.example`, name, role: 'MEMBER', crmAccess: true });
    const [one, other] = [await join('one'), await join('other')];
    await plantTasks(client, organization.id, TASKS);
    const token = await signToken(SECRET, one.userUid, 1);
    const ask = async (query: string, input: object) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const body = JSON.stringify({ query, variables: { input } });
      const { data, errors } = await (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).json();
      const [payload] = Object.values(data ?? {}) as { errors: unknown[]; updatedCount?: number }[];
      if (errors || !payload || payload.errors.length > 0) throw new Error(JSON.stringify(errors ?? payload));
      return payload;
    };
    // Spread over all accounts, days, instants and people.
    const { rows } = await client.query<{ id: string; uid: string }>(
      `UPDATE task SET tags = '{bench}', status = 'PENDING', completed_at = NULL, completed_by_id = NULL
       WHERE id IN (SELECT id FROM task WHERE organization_id = $1 ORDER BY md5(id::text) LIMIT $2) RETURNING id, uid`,
      [organization.id, MANY],
    );
    await client.query('ANALYZE task');
    const filter = { tag: { eq: 'bench' } };
    const day = (n: number) => new Date(Date.UTC(2027, 0, 1 + n)).toISOString().slice(0, 10);
    const bulk = async (set: object) => {
      const { updatedCount } = await ask(BULK, { filter, set });
      if (updatedCount !== MANY) throw new Error(`${updatedCount} were changed.`);
    };
    let days = 0;
    const next = () => {
      days += 1;
      return day(days);
    };
    const work = {
      'bulk, date': () => bulk({ date: next() }),
      'bulk, assignee and date': () =>
        bulk({ assigneeId: encodeId('User', days % 2 === 0 ? one.userUid : other.userUid), date: next() }),
      'bulk, completing': async () => bulk({ isComplete: true }),
      'bulk, reopening': async () => bulk({ isComplete: false }),
      'one UPDATE': () =>
        client.query(
          `UPDATE task SET due_on = $2, due_at = NULL, version = version + 1, updated_at = now() WHERE organization_id = $1 AND tags @> '{bench}'`,
          [organization.id, next()],
        ),
      'as many updateTask': async () => {
        const date = next();
        const waiting = rows.map(({ uid }) => encodeId('Task', uid));
        const caller = async () => {
          for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await ask(SINGLE, { id, patch: { date } });
        };
        await Promise.all(Array.from({ length: CALLERS }, caller));
      },
    };
    const times = Object.fromEntries(Object.keys(work).map((name) => [name, [] as number[]]));
    await work['bulk, date']();
    for (let turn = 0; turn < turns; turn += 1) {
      for (const [name, each] of Object.entries(work)) times[name]?.push(await timed(each));
    }
    return Object.entries(times).map(([name, each]) => [name, median(each)] as const);
  } finally {
    await client.end();
    await app.stop();
  }
}

const dataDir = await mkdtemp(join(tmpdir(), 'taskwire-bench-'));
await chmod(dataDir, 0o755);
const turns = Number(process.argv[2] ?? 3);
const embedded = await startEmbedded({ dataDir });
try {
  const found = await measure(embedded.url, turns);
  const [, bulk] = found[0] as readonly [string, number];
  console.log(`${MANY} of ${TASKS} tasks, median of ${turns} turns, ${CALLERS} callers of single ones`);
  for (const [name, ms] of found) {
    console.log(`${name.padEnd(24)} ${ms.toFixed(0).padStart(6)} ms   ratio ${(ms / bulk).toFixed(2)}`);
  }
} finally {
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
}
