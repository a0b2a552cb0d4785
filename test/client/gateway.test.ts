import { beforeAll, describe, expect, it } from 'vitest';
import { signToken } from '../../src/auth/tokens.ts';
import { resuming } from '../../src/client/resume.ts';
import { uidOf } from '../../src/ids.ts';
import { changeMembership } from '../notification/membership.ts';
import { logCursor, type Office, openOffice } from '../notification/office.ts';
import { JWT_SECRET, useGateway } from '../support/gateway.ts';
import { assignments, clientOf, titles } from './follower.ts';
import { openTunnel } from './tunnel.ts';

const gateway = useGateway({ limits: { tickMs: 20 } });
let office: Office;
beforeAll(async () => {
  office = await openOffice(gateway());
});

const assign = (title: string) => office.create({ title, assigneeId: office.member.userId });
const isFollowed = (size = 1) => expect.poll(() => gateway().app.runtime.follower.size).toBe(size);

describe('a subscription that resumes', () => {
  it('gets what was assigned while its socket was cut, before its first event too', async () => {
    const client = clientOf(gateway().url, office.member);
    const events = assignments(client, null);
    await isFollowed();
    client.terminate();
    await assign('one');
    expect(await titles(events, 1)).toEqual(['one']);
    client.terminate();
    await assign('two');
    await assign('three');
    expect(await titles(events, 2)).toEqual(['two', 'three']);
    expect(events.cursor).toBe(await logCursorSeen());
    await events.return();
    await isFollowed(0);
  });

  /** The cursor of the member's last notification. */
  const logCursorSeen = async () => {
    const query = '{ notifications(first: 1) { nodes { cursor } } }';
    const { notifications } = await gateway().ask<{ notifications: { nodes: { cursor: string }[] } }, never>(
      office.member,
      query,
    );
    return notifications.nodes[0]?.cursor;
  };

  it('gets all once where connections break after any number of bytes', async () => {
    const after = await logCursor(gateway(), office.member);
    let count = 0;
    // Within the handshake, the acknowledgement, the first, second and third event.
    const tunnel = await openTunnel(gateway().url, () => 1 + ((count++ * 397) % 1_900));
    const events = assignments(clientOf(tunnel.url, office.member), after);
    const expected = Array.from({ length: 12 }, (_, index) => `number ${index}`);
    const taken = titles(events, expected.length);
    for (const title of expected) await assign(title);
    expect(await taken).toEqual(expected);
    expect(tunnel.cuts).toBeGreaterThan(5);
    await events.return();
    await tunnel.close();
  });

  it('resumes too where the client connects again by itself', async () => {
    const after = await logCursor(gateway(), office.member);
    const client = clientOf(gateway().url, office.member, { retryAttempts: 5, retryWait: async () => {} });
    const ends: unknown[] = [];
    const events = assignments(client, after, { onRetry: (retry) => ends.push(retry) });
    for (const title of ['a', 'b', 'c']) {
      await assign(title);
      expect(await titles(events, 1)).toEqual([title]);
      client.terminate();
    }
    expect(ends).toEqual([]);
    await events.return();
  });

  it('comes back from a network that has silently gone, where its client asks for signs of life', async () => {
    const after = await logCursor(gateway(), office.member);
    const tunnel = await openTunnel(gateway().url, () => Number.POSITIVE_INFINITY);
    let timer: NodeJS.Timeout | undefined;
    const client = clientOf(tunnel.url, office.member, {
      keepAlive: 20,
      on: {
        ping: (isReceived) => {
          if (!isReceived) timer = setTimeout(() => client.terminate(), 200);
        },
        pong: () => clearTimeout(timer),
        closed: () => clearTimeout(timer),
      },
    });
    const events = assignments(client, after);
    await isFollowed();
    tunnel.freeze();
    await assign('after the silence');
    expect(await titles(events, 1)).toEqual(['after the silence']);
    await events.return();
    await tunnel.close();
  });

  it('leaves alone what else runs on the socket', async () => {
    const after = await logCursor(gateway(), office.member);
    const client = clientOf(gateway().url, office.member);
    const [one, two] = [assignments(client, after), assignments(client, after)];
    await isFollowed(2);
    await one.return();
    await isFollowed(1);
    await assign('for the other');
    expect(await titles(two, 1)).toEqual(['for the other']);
    await two.return();
  });

  it('signs in again with the credentials of that time when the old ones expire', async () => {
    const after = await logCursor(gateway(), office.member);
    const { userId, organizationId } = office.member;
    const tokens = [
      await signToken(JWT_SECRET, uidOf('User', userId) as string, 1 / 3_600 / 4),
      office.member.token,
      office.member.token,
    ];
    const connectionParams = () => ({
      authorization: `Bearer ${tokens.shift()}`,
      'x-organization-id': organizationId,
    });
    const ends: unknown[] = [];
    const client = clientOf(gateway().url, office.member, { connectionParams });
    const events = assignments(client, after, { onRetry: ({ code }) => ends.push(code) });
    await expect.poll(() => tokens.length).toBeLessThan(2);
    await assign('still me');
    expect(await titles(events, 1)).toEqual(['still me']);
    expect(ends[0]).toMatch(/4403|UNAUTHENTICATED/);
    await events.return();
  });

  it('ends for whoever may no longer be told, after some attempts', async () => {
    const own = await openOffice(gateway());
    const events = assignments(clientOf(gateway().url, own.member), await logCursor(gateway(), own.member));
    await isFollowed();
    await changeMembership(gateway(), own, own.member, { isActive: false });
    await expect(events.next()).rejects.toMatchObject({ name: 'SubscriptionError' });
  });

  it('ends with its client, when that is disposed of', async () => {
    const client = clientOf(gateway().url, office.member);
    const events = assignments(client, null);
    await isFollowed();
    await client.dispose();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await isFollowed(0);
  });

  it('is told to read again what is no longer kept, and goes on from there', async () => {
    const foreign = await logCursor(gateway(), (await openOffice(gateway())).admin);
    const client = clientOf(gateway().url, office.member);
    await expect(assignments(client, foreign).next()).rejects.toMatchObject({ name: 'ResyncRequired' });
    const onResync = () => logCursor(gateway(), office.member);
    const events = assignments(client, foreign, { onResync });
    const next = titles(events, 1);
    await isFollowed();
    await assign('after all');
    expect(await next).toEqual(['after all']);
    await events.return();
  });

  it('is refused for good what the schema does not know', async () => {
    const client = clientOf(gateway().url, office.member);
    const events = resuming(client).iterate({
      query: 'subscription ($after: String) { nothing(after: $after) { cursor } }',
    });
    await expect(events.next()).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});
