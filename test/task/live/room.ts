import { print } from 'graphql';
import { expect } from 'vitest';
import type { LiveChangesSubscription, LiveChangesSubscriptionVariables } from '../../generated/graphql.ts';
import { graphql } from '../../generated/index.ts';
import { signIn } from '../../notification/office.ts';
import type { Caller } from '../../support/gateway.ts';
import type { World } from '../world.ts';

const CHANGES = graphql(`
  subscription LiveChanges($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone, $after: String) {
    taskChanged(filter: $filter, view: $view, timeZone: $timeZone, after: $after) {
      cursor
      change
      taskId
      task { id title account { name } }
      event { kind changes { field from to } actor { name } }
    }
  }
`);

const LIST = graphql(`
  query LiveList($filter: TaskFilter, $view: TaskView, $timeZone: TimeZone) {
    tasks(filter: $filter, view: $view, timeZone: $timeZone, first: 100) { logCursor nodes { id } }
  }
`);

export type Change = LiveChangesSubscription['taskChanged'];
export type Asked = LiveChangesSubscriptionVariables;

/** The list as it is read now, and where to go on. */
export async function read({ gateway }: World, caller: Caller, { after: _, ...which }: Asked = {}) {
  const { tasks } = await gateway.ask(caller, LIST, which);
  return { ids: tasks.nodes.map(({ id }) => id), logCursor: tasks.logCursor };
}

/** Looks at the clock and at the log, as a ring or a poll does. */
export const ring = ({ gateway, organization }: World) => gateway.app.runtime.follower.ring(organization.id);

/** Follows a list on a socket of its own; it has begun when this resolves. */
export async function follow(world: World, caller: Caller, asked: Asked = {}) {
  const { follower } = world.gateway.app.runtime;
  const before = follower.size;
  const socket = await signIn(world.gateway.url, caller);
  const { next } = socket.subscribe({ query: print(CHANGES), variables: asked });
  const message = async () => {
    const { type, payload } = await next();
    return { type, payload, errors: type === 'error' ? payload : payload?.errors };
  };
  await expect.poll(() => follower.size).toBeGreaterThan(before);
  return {
    socket,
    message,
    /** The next change; fails with whatever came instead. */
    async next(): Promise<Change> {
      const { type, payload, errors } = await message();
      if (type !== 'next' || errors) throw new Error(`${type}: ${JSON.stringify(payload)}`);
      return payload.data.taskChanged;
    },
    /** The next so many, as `ENTERED Title`. */
    async told(count: number): Promise<string[]> {
      const told: string[] = [];
      while (told.length < count) {
        const { change, task, taskId } = await this.next();
        told.push(`${change} ${task?.title ?? taskId}`);
      }
      return told;
    },
    close: () => socket.close(),
  };
}

/** How a subscription that must not begin is refused. */
export async function refused({ gateway }: World, caller: Caller, asked: Record<string, unknown>) {
  const socket = await signIn(gateway.url, caller);
  const { next } = socket.subscribe({ query: print(CHANGES), variables: asked });
  const { type, payload } = await next();
  await socket.close();
  const [error] = type === 'error' ? payload : (payload.errors ?? []);
  return { code: error?.extensions?.code, argument: error?.extensions?.argument };
}
