/**
 * A worker in a process of its own, to be killed and paused. It says in lines of JSON when it begins with a job, and what
 * it logs; a job goes on when a line comes in.
 */
import { once } from 'node:events';
import pino from 'pino';
import { Database } from '../../src/db/database.ts';
import type { Runtime } from '../../src/runtime.ts';
import { jobSource } from '../../src/work/job/jobs.ts';
import type { Job } from '../../src/work/kind.ts';
import { Worker } from '../../src/work/worker.ts';
import { noting, unfenced } from './noting.ts';

const [url = '', leaseMs = '', fence] = process.argv.slice(2);
const log = pino();
const db = new Database({ url, size: 4, statementTimeout: 5_000, onError: () => {} });
const hold = async ({ key }: Job) => {
  log.info({ key }, 'begun');
  await once(process.stdin, 'data');
};
const runtime = { db, log, now: () => new Date(), ringWork: () => {}, consequences: [] } as Partial<Runtime> as Runtime;
const kind = fence === 'fenced' ? noting('child', hold) : unfenced('child', hold);
const ms = Number(leaseMs);
new Worker(runtime, [jobSource(runtime, [kind])], { leaseMs: ms, heartbeatMs: ms / 3, pollMs: ms }).start();
