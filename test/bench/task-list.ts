/**
 * How fast the gateway answers a page of tasks, beside a bare `node:http` handler with one hand-written join: the same
 * machine, database, rows and load, turn by turn. `node test/bench/task-list.ts [seconds a turn]`
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { createApp } from '../../src/app.ts';
import { signToken } from '../../src/auth/tokens.ts';
import { readConfig } from '../../src/config.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { addMember, createOrganization } from '../../src/organization/service.ts';
import { plantTasks } from '../task/many.ts';

const QUERY = `{ tasks(first: 50) { nodes { id title date status account { name } creator { name } assignee { name } } } }`;
const SECRET = 'a secret that is only used in this bench';
const TASKS = 10_000;
const CONNECTIONS = '8';
const CALLERS = 16;
const ROUNDS = 3;

/** What a child says once it listens. */
interface Ready {
  readonly url: string;
}

const appOn = (databaseUrl: string) =>
  createApp(readConfig({ PORT: '0', LOG_LEVEL: 'silent', DATABASE_CONNECTIONS: CONNECTIONS }), {
    databaseUrl,
    jwtSecret: SECRET,
    logger: pino({ level: 'silent' }),
  });

/** The one child: Taskwire as it is. */
async function gateway(databaseUrl: string): Promise<Ready> {
  const { url } = await (await appOn(databaseUrl)).listen();
  return { url: `${url}/graphql` };
}

/** The other: what one would write by hand for just this page, without callers, rights or GraphQL. */
async function bare(databaseUrl: string, organizationId: string): Promise<Ready> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: Number(CONNECTIONS) });
  const text = `SELECT t.uid, t.title, t.due_on::text AS due_on, t.due_at, t.status, a.name AS account, c.name AS creator, s.name AS assignee
    FROM task t LEFT JOIN account a ON a.organization_id = t.organization_id AND a.id = t.account_id
    JOIN "user" c ON c.id = t.creator_id LEFT JOIN "user" s ON s.id = t.assignee_id
    WHERE t.organization_id = $1 AND t.kind = 'LEAD' AND t.deleted_at IS NULL AND NOT t.is_queue_row
      AND t.due_on IS NOT NULL AND (t.status IN ('PENDING', 'IN_PROGRESS', 'ON_HOLD')) IS TRUE
    ORDER BY t.due_on, t.id LIMIT 50`;
  const server = createServer(async (_request, response) => {
    const { rows } = await pool.query({ name: 'page', text, values: [organizationId] });
    const nodes = rows.map(({ uid, title, due_on, due_at, status, account, creator, assignee }) => ({
      id: `task_${uid}`,
      title,
      date: due_on ?? due_at,
      status,
      account: account && { name: account },
      creator: { name: creator },
      assignee: assignee && { name: assignee },
    }));
    const body = JSON.stringify({ data: { tasks: { nodes } } });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Starts a role of this file in a process of its own. */
async function start(...role: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(import.meta.filename, role, { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const [{ url }] = (await once(child, 'message')) as [Ready];
  return { child, url };
}

const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
const body = JSON.stringify({ query: QUERY });

function ask(url: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const asked = request(url, { method: 'POST', agent, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(Buffer.concat(chunks).toString()));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Requests answered a second by so many callers, each asking again as soon as it is answered. */
async function rate(url: string, headers: Record<string, string>, ms: number): Promise<number> {
  const [began, end] = [performance.now(), performance.now() + ms];
  let answered = 0;
  const caller = async () => {
    while (performance.now() < end) {
      await ask(url, headers);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (answered / (performance.now() - began)) * 1000;
}

async function prepare(databaseUrl: string) {
  const app = await appOn(databaseUrl);
  const organization = await createOrganization(app.runtime, { name: 'Bench', timeZone: 'Europe/Paris' });
  const people = [];
  for (let n = 0; n < 30; n += 1) {
    const person = { email: `p${n}@bench.example`, name: `Person ${n}`, role: 'MEMBER', crmAccess: true } as const;
    people.push(await addMember(app.runtime, organization, person));
  }
  await app.stop();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await plantTasks(client, organization.id, TASKS).finally(() => client.end());
  return { organizationId: organization.id, token: await signToken(SECRET, people[0]?.userUid as string, 1) };
}

async function main(seconds: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'taskwire-bench-'));
  await chmod(dataDir, 0o755);
  const embedded = await startEmbedded({ dataDir });
  const children: ChildProcess[] = [];
  try {
    const { organizationId, token } = await prepare(embedded.url);
    const headers = { authorization: `Bearer ${token}` };
    const [ours, plain] = [
      await start('gateway', embedded.url),
      await start('bare', embedded.url, String(organizationId)),
    ];
    children.push(ours.child, plain.child);
    const page = JSON.parse(await ask(ours.url, headers));
    if (page.data?.tasks.nodes.length !== 50) throw new Error(`No page of 50: ${JSON.stringify(page).slice(0, 500)}`);
    const rates = { gateway: [] as number[], bare: [] as number[] };
    for (const turn of [ours, plain]) await rate(turn.url, headers, 2_000);
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.gateway.push(await rate(ours.url, headers, seconds * 1000));
      rates.bare.push(await rate(plain.url, headers, seconds * 1000));
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
    const [gatewayRate, bareRate] = [median(rates.gateway), median(rates.bare)];
    console.log(
      `${TASKS} tasks, pages of 50, ${CALLERS} callers, ${CONNECTIONS} connections, median of ${ROUNDS} turns of ${seconds} s`,
    );
    console.log(`gateway  ${gatewayRate.toFixed(0)} requests/s`);
    console.log(`bare     ${bareRate.toFixed(0)} requests/s`);
    console.log(`ratio    ${(gatewayRate / bareRate).toFixed(2)}`);
  } finally {
    for (const child of children) child.kill();
    agent.destroy();
    await embedded.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const [role, databaseUrl = '', organizationId = ''] = process.argv.slice(2);
if (role === 'gateway') process.send?.(await gateway(databaseUrl));
else if (role === 'bare') process.send?.(await bare(databaseUrl, organizationId));
else await main(Number(role ?? 4));
