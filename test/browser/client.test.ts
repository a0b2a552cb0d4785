import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { print } from 'graphql';
import { expect, test } from 'vitest';
import { openOffice, TaskAssigned } from '../notification/office.ts';
import { hasBrowser, withBrowser } from '../support/browser.ts';
import { useGateway } from '../support/gateway.ts';

const gateway = useGateway();
const ROOT = join(import.meta.dirname, '../..');
const folders: Record<string, string> = { client: 'src/client', 'graphql-ws': 'node_modules/graphql-ws/dist' };

/** What a frontend would write, in a page that bundles nothing. */
const follow = (office: { readonly token: string; readonly organizationId: string }) => `
  const { resume } = await import('/app/client/resume.ts');
  const { createClient } = await import('/app/graphql-ws/client.js');
  const client = createClient({
    url: location.origin.replace('http', 'ws') + '/graphql',
    connectionParams: { authorization: 'Bearer ${office.token}', 'x-organization-id': '${office.organizationId}' },
    retryAttempts: 0,
  });
  const events = resume(client, { query: ${JSON.stringify(print(TaskAssigned))} }, { waitMs: () => 10 });
  Object.assign(window, { client, events, taken: [] });
  for await (const { data } of events) taken.push(data.taskAssigned.task.title);
  taken.push('the end');`;

test.skipIf(!hasBrowser)('the client module runs in a browser as it is, and resumes', { timeout: 60_000 }, async () => {
  const office = await openOffice(gateway());
  const assign = (title: string) => office.create({ title, assigneeId: office.member.userId });
  await withBrowser(async ({ page, pageErrors }) => {
    await page.route('**/app/**', async (route) => {
      const [, folder = '', file = ''] = /\/app\/([\w-]*)\/?([\w.-]*)$/.exec(route.request().url()) ?? [];
      const text = await readFile(join(ROOT, folders[folder] as string, file), 'utf8');
      const body = file.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
      return route.fulfill({ contentType: 'text/javascript', body });
    });
    const taken = () => page.evaluate('window.taken');
    // A page that really came from there: others may not open sockets to this machine.
    await page.goto(new URL('/health', gateway().url).href);
    await page.evaluate(`void (async () => {${follow(office.member)}})()`);
    await expect.poll(() => page.evaluate('window.events?.cursor')).toBeTruthy();
    await assign('one');
    await expect.poll(taken).toEqual(['one']);
    await page.evaluate('client.terminate()');
    await assign('two');
    await expect.poll(taken).toEqual(['one', 'two']);
    await page.evaluate('events.return()');
    await expect.poll(taken).toEqual(['one', 'two', 'the end']);
    expect(pageErrors).toEqual([]);
  });
});
