import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { GatewayProcess } from '../support/process.ts';

/** What all gateways use of memory, without what nobody needs any more, and what they reside in, in KiB. */
export interface Memory {
  readonly used: number;
  readonly resident: number;
}

/** What a gateway says when it is asked. */
export async function memoryOf({ pid, output }: GatewayProcess): Promise<Memory> {
  const said = () => [...output().matchAll(/Memory in use: (\d+) of (\d+)/g)];
  const before = said().length;
  process.kill(pid, 'SIGUSR2');
  await expect.poll(() => said().length).toBeGreaterThan(before);
  const [, used, resident] = said().at(-1) as unknown as [string, string, string];
  return { used: Number(used) / 1024, resident: Number(resident) / 1024 };
}

const MS_PER_TICK = 10;

/** What a process has used of processors so far, in milliseconds. */
export async function cpuOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12);
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

const PROBE_MS = 250;

/**
 * How many times a figure may be on this machine what it may be on a quiet one: 1 where nobody else wants its processors,
 * else more than work is stretched by those who do. To be asked while the world has nothing to do.
 */
export function patience(): number {
  const before = process.cpuUsage();
  const begin = performance.now();
  const used = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  while (used() < PROBE_MS);
  const stretch = (performance.now() - begin) / used();
  return stretch < 1.2 ? 1 : 4 * stretch;
}

/** How much more it became, in whole KiB each. */
export const growth = (from: Memory, to: Memory, among = 1): Memory => ({
  used: Math.round((to.used - from.used) / among),
  resident: Math.round((to.resident - from.resident) / among),
});

/** How it is of some numbers: the value that so many percent are at or below. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}
