import type { Viewer } from '../auth/viewer.ts';
import { Fault } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { createLoaders, type Loaders } from './loaders.ts';

/** One operation's surroundings. */
export interface Context {
  readonly runtime: Runtime;
  /** Who is calling. Asking for it without credentials ends the operation with UNAUTHENTICATED. */
  viewer: Viewer;
  /** What was read already. Renewed before each mutation and with each batch of a subscription's events. */
  loaders: Loaders;
  readonly requestId: string;
}

export function createContext(runtime: Runtime, viewer: Viewer | null, requestId: string): Context {
  const known: { viewer: Viewer | null; loaders: Loaders | null } = { viewer, loaders: null };
  return {
    runtime,
    requestId,
    get viewer() {
      if (known.viewer) return known.viewer;
      throw new Fault('UNAUTHENTICATED', 'Send a bearer token in Authorization, or an API key in X-API-Key.');
    },
    set viewer(next) {
      known.viewer = next;
    },
    get loaders() {
      known.loaders ??= createLoaders(runtime.db, this.viewer.organizationId);
      return known.loaders;
    },
    set loaders(next) {
      known.loaders = next;
    },
  };
}
