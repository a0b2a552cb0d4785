import { serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { useToy } from './harness.ts';

const held = useToy();
const audits = serverAudits({
  url: 'http://gateway/graphql',
  fetchFn: (url: string, init: RequestInit) => held.server.fetch(new Request(url, init)),
});

test('there are as many audits as there were', () => expect(audits.length).toBeGreaterThanOrEqual(61));

test.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))('%s %s', async (_id, _name, audit) => {
  const result = await audit();
  expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
});
