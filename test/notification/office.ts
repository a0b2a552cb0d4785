import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import type {
  CreateTaskInput,
  NotificationReceivedSubscription,
  TaskAssignedSubscription,
  TaskPatch,
} from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller, Gateway } from '../support/gateway.ts';
import { connect, type TestSocket } from '../support/socket-client.ts';

const Account = graphql(`
  mutation PushAccount($name: String!) { createAccount(input: { name: $name }) { account { id } errors { message } } }
`);
export const Create = graphql(`
  mutation PushCreate($input: CreateTaskInput!) { createTask(input: $input) { task { id } errors { message } } }
`);
const Update = graphql(`
  mutation PushUpdate($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } errors { message } } }
`);
export const TaskAssigned = graphql(`
  subscription TaskAssigned($after: String) {
    taskAssigned(after: $after) {
      cursor
      taskId
      task { id title assignee { id } account { id name } }
      actor { id name isSystem }
      notification { id cursor kind taskId task { title } actor { id } batchId createdAt readAt }
    }
  }
`);

export type Assigned = TaskAssignedSubscription['taskAssigned'];

export const NotificationReceived = graphql(`
  subscription NotificationReceived($after: String) {
    notificationReceived(after: $after) {
      cursor
      notification {
        id cursor kind taskId task { id title } activity { id } actor { id name isSystem } batchId createdAt readAt
      }
    }
  }
`);

export type Received = NotificationReceivedSubscription['notificationReceived'];

/** An organization at work: who assigns, who is assigned to, and the record that it is all about. */
export interface Office {
  readonly organization: { readonly id: bigint; readonly assistantId: bigint };
  readonly admin: Caller;
  readonly member: Caller;
  readonly accountId: string;
  /** Makes a task and gives its id. */
  create(input: Partial<CreateTaskInput> & { readonly title: string }, by?: Caller): Promise<string>;
  update(id: string, patch: TaskPatch, options?: { readonly notify?: boolean; readonly by?: Caller }): Promise<void>;
}

let offices = 0;

export async function openOffice(gateway: Gateway): Promise<Office> {
  offices += 1;
  const organization = await gateway.organization(`Office ${offices}`);
  const join = (name: string, role: 'ADMIN' | 'MEMBER') =>
    gateway.member(organization, { email: `${name}@office${offices}.example`, name, role });
  const [admin, member] = [await join('Ada', 'ADMIN'), await join('Max', 'MEMBER')];
  const { createAccount } = await gateway.ask(admin, Account, { name: 'Acme' });
  const accountId = createAccount.account?.id as string;
  return {
    organization,
    admin,
    member,
    accountId,
    async create(input, by = admin) {
      const { createTask } = await gateway.ask(by, Create, { input: { accountId, ...input } });
      if (!createTask.task) throw new Error(JSON.stringify(createTask.errors));
      return createTask.task.id;
    },
    async update(id, patch, { notify = true, by = admin } = {}) {
      const { updateTask } = await gateway.ask(by, Update, { input: { id, patch, notify } });
      if (updateTask.errors.length > 0) throw new Error(JSON.stringify(updateTask.errors));
    },
  };
}

/** A socket signed in as someone. */
export const signIn = (url: string, { token, organizationId }: Caller): Promise<TestSocket> =>
  connect(url, { params: { authorization: `Bearer ${token}`, 'x-organization-id': organizationId } });

/** A subscription; `next` gives the event itself, or fails with whatever came instead. */
function subscribeTo<Data extends object>(
  socket: TestSocket,
  document: TypedDocumentNode<Data, { after?: string | null }>,
  after: string | null,
) {
  const operation = socket.subscribe({ query: print(document), variables: { after } });
  return {
    ...operation,
    message: operation.next,
    async next(): Promise<Data[keyof Data]> {
      const { type, payload } = await operation.next();
      if (type !== 'next' || payload.errors) throw new Error(`${type}: ${JSON.stringify(payload)}`);
      return Object.values(payload.data as Data)[0];
    },
  };
}

/** A subscription to one's assignments. */
export const subscribe = (socket: TestSocket, after: string | null = null) => subscribeTo(socket, TaskAssigned, after);

/** A subscription to all of one's notifications. */
export const subscribeToAll = (socket: TestSocket, after: string | null = null) =>
  subscribeTo(socket, NotificationReceived, after);

export const LogCursor = graphql(`query PushCursor { viewer { logCursor } }`);

/** Where someone's organization's log stands. */
export const logCursor = async (gateway: Gateway, caller: Caller) =>
  (await gateway.ask(caller, LogCursor)).viewer.logCursor;
