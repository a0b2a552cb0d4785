import { initContextCache } from '@pothos/core';
import type { Standing } from '../event/store.ts';
import type { Context } from './context.ts';
import { createLoaders, type Loaders } from './loaders.ts';

// Everyone who is handed the same stretch of the log reads what it names once, together.
const loadersOf = new WeakMap<object, Loaders>();

/**
 * Makes the context that of one event of a subscription: the operation's own outlives it, and would answer from what
 * earlier events had read and from what the viewer was once allowed. `batch` is what was read together with the event.
 */
export function renew(
  context: Context,
  batch: object,
  { role, crmAccess }: Pick<Standing, 'role' | 'crmAccess'>,
): void {
  Object.assign(context, initContextCache());
  const { organizationId } = context.viewer;
  const loaders = loadersOf.get(batch) ?? createLoaders(context.runtime.db, organizationId);
  loadersOf.set(batch, loaders);
  context.loaders = loaders;
  context.viewer = { ...context.viewer, role, crmAccess };
}
