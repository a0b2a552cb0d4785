import { beforeEach, describe, expect, it } from 'vitest';
import { graphql } from '../generated/index.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { connect, type TestSocket, type TestSubscription } from '../support/socket-client.ts';

const BesideCreate = graphql(`
  mutation BesideCreate { createApiKey(input: { name: "Beside" }) { secret apiKey { id } errors { code } } }
`);
const BesideRevoke = graphql(`
  mutation BesideRevoke($id: ID!) { revokeApiKey(input: { id: $id }) { errors { code } } }
`);

const subscriptions = [
  'subscription { taskAssigned { cursor } }',
  'subscription { notificationReceived { cursor } }',
  'subscription { taskChanged { cursor } }',
];

describe('when an API key is revoked that was sent beside a bearer token', () => {
  const gateway = useGateway();
  let ada: Caller;
  let houses = 0;
  beforeEach(async () => {
    houses += 1;
    const house = await gateway().organization(`House ${houses}`);
    ada = await gateway().member(house, { email: `ada@${houses}.example`, role: 'ADMIN' });
  });

  const make = async () => {
    const { createApiKey } = await gateway().ask(ada, BesideCreate, {});
    return { id: createApiKey.apiKey?.id as string, secret: createApiKey.secret as string };
  };
  const revoke = async (id: string) => {
    expect((await gateway().ask(ada, BesideRevoke, { id })).revokeApiKey.errors).toEqual([]);
  };
  const signIn = (key: string) =>
    connect(gateway().url, { params: { authorization: `Bearer ${ada.token}`, 'x-api-key': key } });
  const begun = async (socket: TestSocket, query: string) => {
    const { follower } = gateway().app.runtime;
    const before = follower.size;
    const subscription = socket.subscribe({ query });
    await expect.poll(() => follower.size).toBe(before + 1);
    return subscription;
  };
  /** How it ended, or did not begin. */
  const endOf = async (subscription: TestSubscription) => {
    const { type, payload } = await subscription.next();
    return (type === 'error' ? payload : payload?.errors)?.[0]?.extensions?.code;
  };

  it.each(subscriptions)('it ends at once, and those of other keys go on: %s', async (query) => {
    const [revoked, other] = [await make(), await make()];
    const [mine, others] = [await signIn(revoked.secret), await signIn(other.secret)];
    const [ends, goesOn] = [await begun(mine, query), await begun(others, query)];
    await revoke(revoked.id);
    expect(await endOf(ends)).toBe('UNAUTHENTICATED');
    expect(gateway().app.runtime.follower.size).toBe(1);
    await revoke(other.id);
    expect(await endOf(goesOn)).toBe('UNAUTHENTICATED');
    await mine.close();
    await others.close();
  });

  it.each(subscriptions)('none begins any more on a socket that is open still: %s', async (query) => {
    const { id, secret } = await make();
    const socket = await signIn(secret);
    await revoke(id);
    expect(await endOf(socket.subscribe({ query }))).toBe('UNAUTHENTICATED');
    await socket.close();
  });
});
