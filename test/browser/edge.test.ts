import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createServer } from '../../src/server/edge.ts';
import { useToy } from '../server/harness.ts';
import { hasBrowser, runInGraphiql, withBrowser } from '../support/browser.ts';

const graphiql = {
  title: 'Toy & <Co>',
  tabs: [{ query: 'query Who {\n  whoami\n}\n' }, { query: 'subscription Ticks {\n  ticks\n}\n' }],
  headers: JSON.stringify({ Authorization: 'Bearer ada' }, null, 2),
};
const held = useToy({ corsOrigins: 'none', graphiql });

const answered = (page: Page, text: string) => () => page.locator('.graphiql-response').getByText(text).waitFor();

test.skipIf(!hasBrowser)('GraphiQL runs a query and receives a push, all by itself', { timeout: 60_000 }, async () => {
  await withBrowser(async ({ page, foreignRequests, pageErrors }) => {
    const response = await page.goto(held.url);
    expect(response?.headers()['content-security-policy']).toContain("connect-src 'self'");
    await runInGraphiql(page, 'whoami', answered(page, '"whoami": "ada"'));
    expect(await page.title()).toBe('Toy & <Co>');
    expect(await page.locator('body').innerText()).toContain('Toy & <Co>');

    await page.getByRole('tab', { name: 'Ticks' }).click();
    const begun = held.toy.source();
    await runInGraphiql(page, 'ticks', () => begun);
    const source = await begun;
    source.push('first push');
    await answered(page, '"ticks": "first push"')();
    source.push('second push');
    await answered(page, '"ticks": "second push"')();
    // The editor's headers went with it.
    expect(held.toy.calls.at(-1)?.header('authorization')).toBe('Bearer ada');

    await page.getByRole('button', { name: /Stop query/ }).click();
    await source.returned;
    expect({ foreignRequests, pageErrors }).toEqual({ foreignRequests: [], pageErrors: [] });
  });
});

test.skipIf(!hasBrowser)(
  'GraphiQL sends the new token after a restart, not the one it remembers',
  { timeout: 60_000 },
  async () => {
    await withBrowser(async ({ page }) => {
      await page.goto(held.url);
      await runInGraphiql(page, 'whoami', answered(page, '"whoami": "ada"'));
      await held.server.close(1_000);

      const { edge } = held.toy;
      const renewed = { ...graphiql, headers: graphiql.headers.replace('ada', 'bo') };
      const second = createServer({ ...edge, settings: { ...edge.settings, corsOrigins: 'none', graphiql: renewed } });
      await second.listen(Number(new URL(held.url).port), '127.0.0.1');
      await page.reload();
      await runInGraphiql(page, 'whoami', answered(page, '"whoami": "bo"'));
      // And opens no tab of its own.
      expect(await page.getByRole('tab').allInnerTexts()).toEqual(['Who', 'Ticks']);
      await second.close(1_000);
    });
  },
);

test.skipIf(!hasBrowser)('the browser asks nobody else, and we would notice', { timeout: 60_000 }, async () => {
  await withBrowser(async ({ page, foreignRequests, pageErrors }) => {
    await page.goto(new URL('/health', held.url).href);
    await page.evaluate(() => fetch('https://example.com/').catch(() => {}));
    expect(foreignRequests).toEqual(['https://example.com/']);
    // And the page of GraphiQL may not even ask.
    await page.goto(held.url);
    await page.evaluate(() => fetch('https://example.com/').catch(() => {}));
    expect(foreignRequests).toHaveLength(1);
    expect(pageErrors.join()).toContain('Content Security Policy');
  });
});
