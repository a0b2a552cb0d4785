import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { noting } from './noting.ts';
import { useWorkplace } from './workplace.ts';

const ROOT = join(import.meta.dirname, '../..');
const LEASE_MS = 1_000;
const workplace = useWorkplace();
const children = new Set<ChildProcess>();

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});

/** Runs a file of ours; `line` waits for one that it prints. */
function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.add(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const line = async (pattern: RegExp): Promise<string> => {
    await expect.poll(() => lines, { timeout: 15_000 }).toContainEqual(expect.stringMatching(pattern));
    return lines.find((each) => pattern.test(each)) as string;
  };
  return { child, line, ended: once(child, 'exit') };
}
const workerProcess = (fence: 'fenced' | 'unfenced' = 'fenced') =>
  run(['test/work/worker-process.ts', workplace().database.url, String(LEASE_MS), fence]);

const effects = async () => (await workplace().effects()).map(({ key, by }) => `${key} by ${by}`);
const other = () => workplace().worker([noting('other')], { leaseMs: LEASE_MS, pollMs: LEASE_MS });

describe('a worker’s process', () => {
  it('that is killed is missed when its lease ends, and another does its work', async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { key: 'orphan' });
    const { child, line } = workerProcess();
    await line(/"begun"/);
    other();
    child.kill('SIGKILL');
    const [lost] = await workplace().jobs();
    await expect.poll(effects, { timeout: 10_000 }).toEqual(['orphan by other']);
    const [taken] = await workplace().effects();
    const late = Number(taken?.at) - Number(lost?.leased_until);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(1_000);
    expect(await workplace().jobs()).toEqual([]);
  });

  const pausedPastItsLease = async (fence: 'fenced' | 'unfenced') => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { key: 'paused' });
    const { child, line } = workerProcess(fence);
    await line(/"begun"/);
    child.kill('SIGSTOP');
    other();
    await expect.poll(effects, { timeout: 10_000 }).toEqual(['paused by other']);
    child.stdin?.write('go\n');
    child.kill('SIGCONT');
    await line(/Fenced/);
    return effects();
  };

  it('that is stopped past its lease and goes on writes nothing', async () => {
    expect(await pausedPastItsLease('fenced')).toEqual(['paused by other']);
  });

  it('that is stopped past its lease and goes on would double it without the fence', async () => {
    expect(await pausedPastItsLease('unfenced')).toEqual(['paused by other', 'paused by child']);
  });
});

describe('the command', () => {
  /** An organization whose log is to be pruned now; answers whether it was. */
  const prunable = async () => {
    const organization = await workplace().organization();
    await workplace().schedule(organization, { kind: 'log.prune' });
    return async () => {
      const [job] = await workplace().jobs();
      return (await workplace().fromNow(job?.due_at)) > 80_000_000;
    };
  };
  const env = (more: Record<string, string> = {}) => ({
    DATABASE_URL: workplace().database.url,
    JWT_SECRET: 'a secret that is only used in tests',
    LOG_LEVEL: 'warn',
    PORT: '0',
    ...more,
  });

  it('worker works until it is told to stop, and ends with 0', async () => {
    const isPruned = await prunable();
    const { child, line, ended } = run(['src/main.ts', 'worker'], env());
    await line(/^Working off what is due in 127\.0\.0\.1:\d+\. Ctrl-C stops it\.$/);
    await expect.poll(isPruned, { timeout: 10_000 }).toBe(true);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('start works too, unless WORKER is off', async () => {
    const isPruned = await prunable();
    const off = run(['src/main.ts'], env({ WORKER: 'off' }));
    const said = await off.line(/http:\/\/127/);
    const url = /http:\/\/127[\d.:]+/.exec(said)?.[0];
    // In this time one that worked would have begun.
    for (let count = 0; count < 100; count += 1) expect((await fetch(`${url}/ready`)).status).toBe(200);
    off.child.kill('SIGTERM');
    expect(await off.ended).toEqual([0, null]);
    expect(await workplace().jobs()).toMatchObject([{ attempts: 0 }]);
    expect(await isPruned()).toBe(false);
    const on = run(['src/main.ts'], env());
    await expect.poll(isPruned, { timeout: 15_000 }).toBe(true);
    on.child.kill('SIGINT');
    expect(await on.ended).toEqual([0, null]);
  });
});
