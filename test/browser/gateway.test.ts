import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { standingsOf } from '../../src/auth/store.ts';
import { signToken } from '../../src/auth/tokens.ts';
import { seedDemo } from '../../src/demo.ts';
import { graphiqlPage } from '../../src/welcome.ts';
import { hasBrowser, withBrowser } from '../support/browser.ts';
import { JWT_SECRET, useGateway } from '../support/gateway.ts';

// The gateway as `npm start` runs it: with its demo, and GraphiQL signed in as the demo's admin.
const gateway = useGateway({
  prepare: async (runtime) => {
    await seedDemo(runtime);
    const [admin] = await standingsOf(runtime.db, { email: 'admin@demo.example' });
    return graphiqlPage(await signToken(JWT_SECRET, admin?.userUid ?? '', 1));
  },
});

const answerOf = (page: Page) => page.locator('.graphiql-response');
const shows = (page: Page, text: string) => () => answerOf(page).getByText(text).first().isVisible();

/**
 * Goes to a tab, runs what stands in its editor, and waits for the sign that it ran. GraphiQL needs a moment after a change
 * of tab (a click that comes while a tab moves is taken for dragging it, and the last tab's operation name lingers), so
 * each step is taken again until it took.
 */
async function run(page: Page, tab: string, ran: () => Promise<boolean>) {
  const shown = page.locator('.graphiql-query-editor').getByText(tab).first();
  const again = { timeout: 20_000, interval: 1_000 };
  await expect
    .poll(async () => {
      await page.getByRole('tab', { name: tab }).click();
      return shown.isVisible();
    }, again)
    .toBe(true);
  await expect
    .poll(async () => {
      if (await ran()) return true;
      await page
        .getByRole('button', { name: /Execute query/ })
        .click({ timeout: 1_000 })
        .catch(() => {});
      await page.waitForTimeout(300);
      return ran();
    }, again)
    .toBe(true);
}

async function tokenOf(email: string) {
  const [standing] = await standingsOf(gateway().app.runtime.db, { email });
  return signToken(JWT_SECRET, standing?.userUid ?? '', 1);
}

async function ask(token: string, query: string, variables?: object) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(gateway().url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return (await response.json()) as { data: Record<string, never> };
}

test.skipIf(!hasBrowser)(
  'GraphiQL lists the demo’s tasks and shows an assignment as it happens',
  { timeout: 60_000 },
  async () => {
    await withBrowser(async ({ page, foreignRequests, pageErrors }) => {
      await page.goto(gateway().url);
      await run(page, 'MyTasks', shows(page, '"Prepare the training"'));

      await run(page, 'PeopleAndAccounts', shows(page, '"Ada Admin"'));

      await run(page, 'Assigned', async () => gateway().app.runtime.follower.size === 1);
      const token = await tokenOf('member@demo.example');
      const found = await ask(
        token,
        '{ accounts(first: 1) { nodes { id } } memberships(search: "ada") { nodes { user { id } } } }',
      );
      const { accounts, memberships } = found.data as unknown as Record<
        string,
        { nodes: { id: string; user: { id: string } }[] }
      >;
      const input = {
        title: 'Pushed into the page',
        accountId: accounts?.nodes[0]?.id,
        assigneeId: memberships?.nodes[0]?.user.id,
      };
      await ask(token, 'mutation ($input: CreateTaskInput!) { createTask(input: $input) { errors { message } } }', {
        input,
      });
      await answerOf(page).getByText('"Pushed into the page"').waitFor();
      await answerOf(page).getByText('"Max Member"').waitFor();
      await page.getByRole('button', { name: /Stop query/ }).click();

      expect({ foreignRequests, pageErrors }).toEqual({ foreignRequests: [], pageErrors: [] });
    });
  },
);
