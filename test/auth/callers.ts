import { print } from 'graphql';
import type { Prisma } from '../../src/db/generated/prisma/client.ts';
import { uidOf } from '../../src/ids.ts';
import type { AuthViewerQuery } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller, Gateway } from '../support/gateway.ts';
import { connect } from '../support/socket-client.ts';

const AuthViewer = graphql(`
  query AuthViewer {
    viewer {
      user { id name isSystem }
      membership { id role crmAccess }
      organization { id name }
      timeZone
    }
  }
`);

/** What credentials are sent as: HTTP headers, or the members of connectionParams. */
export type Credentials = Readonly<Record<string, string>>;

/** How a caller fared: who they are to the gateway, or why they are nobody. */
export interface Fared {
  readonly viewer?: AuthViewerQuery['viewer'];
  readonly code?: string;
  readonly message?: string;
  readonly organizations?: unknown;
  /** The HTTP status, or the code that the socket was closed with. */
  readonly status: number;
}

async function overHttp(gateway: Gateway, credentials: Credentials): Promise<Fared> {
  const { status, data, errors } = await gateway.send(null, AuthViewer, {}, credentials);
  if (data) return { status, viewer: data.viewer };
  const { message = '', extensions = {} } = errors?.[0] ?? {};
  const { code, organizations } = extensions as { code: string; organizations?: unknown };
  return { status, code, message, ...(organizations !== undefined && { organizations }) };
}

async function overSocket(gateway: Gateway, credentials: Credentials): Promise<Fared> {
  const socket = await connect(gateway.url, { init: false });
  socket.send({ type: 'connection_init', payload: credentials });
  const came = await Promise.race([socket.next(), socket.closed]);
  if (!('type' in came)) {
    const [, code = '', message = ''] = /^(\w+)(?:: (.*))?$/s.exec(came.reason) ?? [];
    return { status: came.code, code, message };
  }
  const { payload } = await socket.subscribe({ query: print(AuthViewer) }).next();
  await socket.close();
  return { status: 1000, viewer: payload.data.viewer };
}

/** The same credentials, either way. */
export const TRANSPORTS = [
  { transport: 'HTTP', call: overHttp, refused: { UNAUTHENTICATED: 401, BAD_USER_INPUT: 400 } },
  { transport: 'WebSocket', call: overSocket, refused: { UNAUTHENTICATED: 4403, BAD_USER_INPUT: 4403 } },
] as const;

export const bearer = (token: string): Credentials => ({ Authorization: `Bearer ${token}` });
export const apiKey = (secret: string): Credentials => ({ 'X-API-Key': secret });
export const organization = (id: string): Credentials => ({ 'X-Organization-ID': id });

/** What every bad credential is answered with. */
export const INVALID = { code: 'UNAUTHENTICATED', message: 'These credentials are not valid.' };

/** Changes what someone is in their organization, as another process might: written past the gateway, and rung for. */
export async function changeMembership(
  gateway: Gateway,
  { userId, organizationId: id }: Pick<Caller, 'userId' | 'organizationId'>,
  data: Prisma.MembershipUpdateManyMutationInput,
): Promise<void> {
  const { db, ring } = gateway.app.runtime;
  const user = await db.prisma.user.findUniqueOrThrow({ where: { uid: uidOf('User', userId) as string } });
  const { id: organizationId } = await db.prisma.organization.findUniqueOrThrow({
    where: { uid: uidOf('Organization', id) as string },
  });
  await db.prisma.membership.updateMany({ where: { organizationId, userId: user.id }, data });
  ring(organizationId);
}
