import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { type Caller, JWT_SECRET } from './gateway.ts';

const ROOT = join(import.meta.dirname, '../..');
const START_MS = 30_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A gateway in a process of its own, as `npm start` runs it. */
export interface GatewayProcess {
  /** Where it answers operations. */
  readonly url: string;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** All that it has said so far. */
  output(): string;
  /** Sends the signal to this process, and waits for its end. */
  kill(signal: NodeJS.Signals): Promise<Ended>;
  /** Resident memory in bytes. */
  memory(): Promise<number>;
}

// What a test leaves running must not outlive it.
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a gateway on a database and waits until it listens. On a port of its own choosing, unless one is given. */
export async function startGatewayProcess(
  databaseUrl: string,
  { port = 0, env = {} }: { readonly port?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<GatewayProcess> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/main.ts'], {
    cwd: ROOT,
    env: { PATH, DATABASE_URL: databaseUrl, PORT: String(port), JWT_SECRET, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    const giveUp = (why: string) => reject(new Error(`The gateway ${why}:\n${output}`));
    const timer = setTimeout(() => giveUp('does not listen'), START_MS);
    const hear = (chunk: string) => {
      output += chunk;
      const answer = /Taskwire answers at (\S+)/.exec(output)?.[1];
      if (!answer) return;
      clearTimeout(timer);
      resolve(answer);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    void ended.then(({ code, signal }) => {
      clearTimeout(timer);
      giveUp(`ended (${code ?? signal})`);
    });
  }).catch((error) => {
    child.kill('SIGKILL');
    throw error;
  });
  const pid = child.pid as number;
  return {
    url,
    pid,
    ended,
    output: () => output,
    kill(signal) {
      if (running.has(child)) process.kill(pid, signal);
      return ended;
    },
    async memory() {
      const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Number(kilobytes) * 1024;
    },
  };
}

/** Asks a gateway at an address over HTTP; throws what is not an answer without errors. */
export async function askAt<Data, Variables>(
  url: string,
  { token, organizationId }: Caller,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${token}`,
      'x-organization-id': organizationId,
    },
    body: JSON.stringify({ query: print(document), variables }),
    ...(signal && { signal }),
  });
  const { data, errors } = (await response.json()) as { data: Data | null; errors?: unknown };
  if (errors || !data) throw new Error(`${response.status}: ${JSON.stringify(errors)}`);
  return data;
}
