import { print } from 'graphql';
import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { type ResumeOptions, resume } from '../../src/client/resume.ts';
import { type Assigned, TaskAssigned } from '../notification/office.ts';
import type { Caller } from '../support/gateway.ts';

/** graphql-ws's client, as a frontend makes it. */
export const clientOf = (
  url: string,
  { token, organizationId }: Pick<Caller, 'token' | 'organizationId'>,
  options: Partial<ClientOptions> = {},
): Client =>
  createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}`, 'x-organization-id': organizationId },
    retryAttempts: 0,
    ...options,
  });

/** Someone's assignments, as they come; waits are short, since tests wait for them. */
export const assignments = (client: Client, after: string | null, options: ResumeOptions = {}) =>
  resume<{ taskAssigned: Assigned }>(
    client,
    { query: print(TaskAssigned), variables: { after } },
    { waitMs: () => 5 + Math.random() * 20, ...options },
  );

/** The next so many titles. */
export async function titles(events: ReturnType<typeof assignments>, count: number): Promise<string[]> {
  const taken: string[] = [];
  for (let left = count; left > 0; left -= 1) {
    const { value, done } = await events.next();
    if (done) throw new Error(`It ended after ${taken.length} of ${count}.`);
    taken.push(value.data?.taskAssigned.task?.title ?? JSON.stringify(value));
  }
  return taken;
}
