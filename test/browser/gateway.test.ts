import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { signToken } from '../../src/auth/tokens.ts';
import { findExamples } from '../../src/demo/examples.ts';
import { seedDemo } from '../../src/demo/seed.ts';
import { graphiqlPage } from '../../src/tabs.ts';
import { hasBrowser, withBrowser } from '../support/browser.ts';
import { JWT_SECRET, useGateway } from '../support/gateway.ts';

// The gateway as `npm start` runs it: with its demo, and GraphiQL signed in as the demo's people.
const gateway = useGateway({
  prepare: async (runtime) => {
    await seedDemo(runtime);
    return graphiqlPage(await findExamples(runtime, (userUid) => signToken(JWT_SECRET, userUid, 1)));
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

test.skipIf(!hasBrowser)(
  'GraphiQL’s tabs work as they open: an inbox, a task given to someone who hears of it, a board, an account’s page',
  { timeout: 90_000 },
  async () => {
    await withBrowser(async ({ page, context, foreignRequests, pageErrors }) => {
      await page.goto(gateway().url);
      await run(page, 'MyInbox', shows(page, '"isOverdue"'));
      await run(page, 'Board', shows(page, '"Kick-off"'));
      await run(page, 'AccountPage', shows(page, '"acme.example"'));
      await run(page, 'WhatNext', shows(page, '"totalCount"'));

      // Max, in a second window, as the tab's own headers sign him in.
      const max = await context.newPage();
      await max.goto(gateway().url);
      await run(max, 'Assigned', async () => gateway().app.runtime.follower.size === 1);
      await run(page, 'CreateAndAssign', shows(page, '"Max Member"'));
      await answerOf(max).getByText('"Call them back"').first().waitFor();
      await answerOf(max).getByText('"Ada Admin"').first().waitFor();
      await max.getByRole('button', { name: /Stop query/ }).click();

      expect({ foreignRequests, pageErrors }).toEqual({ foreignRequests: [], pageErrors: [] });
    });
  },
);
