import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createGraphiql } from '../../src/server/graphiql.ts';
import { send, useToy } from './harness.ts';

const graphiql = { title: 'Toy', tabs: [{ query: '{ a }' }], headers: '{"Authorization":"Bearer t0ken"}' };
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('with a page', () => {
  const held = useToy({ graphiql });

  test('browsers get it, for which nothing is fetched from elsewhere', async () => {
    const { status, headers, text } = await send(held.url, { headers: html });
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
    expect(text).not.toMatch(/<(script|link|img)[^>]+(src|href)="?(https?:)?\/\//);
    const policy = headers['content-security-policy'] as string;
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(policy).not.toMatch(/https?:|unsafe-eval|\*/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'private, no-cache' });
    // The next time it is not sent again.
    const again = await send(held.url, { headers: { ...html, 'if-none-match': headers.etag ?? '' } });
    expect({ status: again.status, text: again.text }).toEqual({ status: 304, text: '' });
  });

  test('is compressed for those who can read it', async () => {
    const request = new Request('http://gateway/graphql', { headers: { ...html, 'accept-encoding': 'gzip, br' } });
    const response = await held.server.fetch(request);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(bytes).toString()).toContain('<title>Toy</title>');
  });

  test('no other page may read it, for it can hold a token', async () => {
    const { headers } = await send(held.url, { headers: { ...html, origin: 'http://localhost:3000' } });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('others get what they asked for', async () => {
    expect((await send(`${held.url}?query={a}`)).json).toEqual({ data: { a: 'a' } });
    expect((await send(held.url)).status).toBe(400);
  });
});

describe('without a page', () => {
  const held = useToy({ graphiql: null });

  test('browsers get 406', async () => {
    const { status, json } = await send(held.url, { headers: html });
    expect([status, json.errors[0].message]).toEqual([406, 'There is no page here.']);
  });
});

test('texts are texts in it, not markup', async () => {
  const page = createGraphiql({ ...graphiql, title: '<b>"$&' });
  const { body } = await page(new Request('http://gateway/graphql'));
  expect(Buffer.from(body ?? []).toString()).toContain('<title>&#60;b&#62;&#34;$&#38;</title>');
  expect(() => createGraphiql({ ...graphiql, tabs: [{ query: '# </script><script>alert(1)' }] })).toThrow('script');
});
