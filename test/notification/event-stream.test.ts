import { beforeAll, describe, expect, it } from 'vitest';
import { argumentsOf, operationOf, ROOTS, selectionOf } from '../isolation/operations.ts';
import { useGateway } from '../support/gateway.ts';
import { logCursor, NotificationReceived, type Office, openOffice, signIn, subscribe } from './office.ts';
import { type EventStreamReader, openStream, type StreamOptions } from './stream.ts';

// Server-sent events are taken up again where they were cut, by what every client of them sends: Last-Event-ID.

const gateway = useGateway();
let office: Office;
beforeAll(async () => {
  office = await openOffice(gateway());
});

const assign = (title: string) => office.create({ title, assigneeId: office.member.userId });
const titles = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `task ${from + n}`);
const BARE =
  'subscription ($after: String) { notificationReceived(after: $after) { notification { task { title } } } }';

const open = (
  options: StreamOptions = {},
  after: string | null = null,
  document: string | typeof NotificationReceived = BARE,
) => openStream(gateway().url, office.member, document, { after }, options);

/** The titles of the next so many events, and the id of each. */
async function take(stream: EventStreamReader, count: number) {
  const taken: { readonly title: string; readonly id: string | null }[] = [];
  for (let n = 0; n < count; n += 1) {
    const event = await stream.next();
    const { task } = event?.data.data.notificationReceived.notification ?? {};
    taken.push({ title: task?.title, id: event?.id ?? null });
  }
  return taken;
}
/** Asks for an event stream and gives its bytes; what is not one is the answer of an error. */
async function ask(query: string, headers: Readonly<Record<string, string>>, after: string | null = null) {
  const controller = new AbortController();
  const { status, body } = await fetch(gateway().url, {
    method: 'POST',
    signal: controller.signal,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${office.member.token}`,
      ...headers,
    },
    body: JSON.stringify({ query, variables: { after } }),
  });
  return { status, body: body as ReadableStream<Uint8Array>, controller };
}
/** What a stream begins with. */
const firstOf = async (body: ReadableStream<Uint8Array>) =>
  new TextDecoder().decode((await body.getReader().read()).value);
const named = (taken: readonly { readonly title: string }[]) => taken.map(({ title }) => title);

describe.each(['POST', 'GET'] as const)('an event stream by %s', (method) => {
  it('that is cut is taken up where it was: with the last id exactly the rest comes, once and in order', async () => {
    const after = await logCursor(gateway(), office.member);
    for (const title of titles(1, 8)) await assign(title);
    const first = await open({ method }, after);
    const seen = await take(first, 3);
    expect(named(seen)).toEqual(titles(1, 3));
    first.close();
    const again = await open({ method, lastEventId: seen[2]?.id ?? null }, after);
    expect(named(await take(again, 5))).toEqual(titles(4, 8));
    await assign('live');
    const [live] = await take(again, 1);
    expect(live?.title).toBe('live');
    again.close();
    await assign('later');
    const last = await open({ method, lastEventId: live?.id ?? null });
    expect(named(await take(last, 1))).toEqual(['later']);
    last.close();
  });
});

describe('the id of an event', () => {
  it('is its cursor, whether that is asked for or not, and serves the other transport as well', async () => {
    const stream = await open({}, null, NotificationReceived);
    await assign('asked');
    const event = await stream.next();
    expect(event?.id).toBe(event?.data.data.notificationReceived.cursor);
    stream.close();
    await assign('by socket');
    const socket = await signIn(gateway().url, office.member);
    expect((await subscribe(socket, event?.id ?? null).next()).task?.title).toBe('by socket');
    await socket.close();
  });

  it('stands before the first event too, so that a client that is cut off before it misses nothing', async () => {
    const { body, controller } = await ask(BARE, {});
    const lastEventId = /^:\nid: ([\w-]+)\n\n$/.exec(await firstOf(body))?.[1] as string;
    controller.abort();
    await assign('while it was away');
    const stream = await open({ lastEventId });
    expect(named(await take(stream, 1))).toEqual(['while it was away']);
    stream.close();
  });

  it('takes the place of `after`, which was where the stream once began', async () => {
    const old = await logCursor(gateway(), office.member);
    await assign('before');
    const lastEventId = await logCursor(gateway(), office.member);
    await assign('after');
    const stream = await open({ lastEventId }, old);
    expect(named(await take(stream, 1))).toEqual(['after']);
    stream.close();
  });

  it('of nothing means nothing', async () => {
    const after = await logCursor(gateway(), office.member);
    await assign('one');
    const stream = await open({ lastEventId: '' }, after);
    expect(named(await take(stream, 1))).toEqual(['one']);
    stream.close();
  });

  it('is one line, whatever stands in the `after` that the stream began with', async () => {
    const after = await logCursor(gateway(), office.member);
    const { body, controller } = await ask(BARE, {}, `${after}\n\n`);
    expect(await firstOf(body)).toBe(`:\nid: ${after}\n\n`);
    controller.abort();
  });

  it('is none for a query, which takes no heed of the one that it is sent', async () => {
    const { body } = await ask('{ __typename }', { 'last-event-id': 'nonsense' });
    const text = await new Response(body).text();
    expect(text).toBe(':\n\nevent: next\ndata: {"data":{"__typename":"Query"}}\n\nevent: complete\ndata:\n\n');
  });
});

describe('every subscription', () => {
  const fields = ROOTS.filter(({ operation }) => operation === 'subscription');

  it.each(fields.map((root) => [root.name, root] as const))('%s is taken up again so', async (_name, root) => {
    const { query } = operationOf(
      root,
      argumentsOf(root, () => undefined),
      selectionOf(root.field.type, 0),
    );
    const begun = await ask(query, {});
    expect(await firstOf(begun.body)).toMatch(/^:\nid: [\w-]+\n\n$/);
    begun.controller.abort();
    const unreadable = await ask(query, { 'last-event-id': 'nonsense' });
    expect(await new Response(unreadable.body).json()).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
    const lost = Buffer.from('01J00000000000000000000000.3.0').toString('base64url');
    const { status, body } = await ask(query, { 'last-event-id': lost });
    expect(status).toBe(410);
    expect(await new Response(body).json()).toMatchObject({ errors: [{ extensions: { code: 'RESYNC_REQUIRED' } }] });
  });
});
