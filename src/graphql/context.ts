import type { Viewer } from '../auth/viewer.ts';
import { Fault } from '../refusals.ts';
import type { Runtime } from '../runtime.ts';
import { createLoaders, type Loaders } from './loaders.ts';
import type { StreamPlace } from './stream-place.ts';

/** One operation's surroundings. */
export interface Context {
  readonly runtime: Runtime;
  /** Who is calling. Asking for it without credentials ends the operation with UNAUTHENTICATED. */
  viewer: Viewer;
  /** What was read already. Renewed before each mutation and with each batch of a subscription's events. */
  loaders: Loaders;
  readonly requestId: string;
  /** How a subscription over server-sent events is resumed; null over any other way. */
  readonly streamPlace: StreamPlace | null;
}

export function createContext(
  runtime: Runtime,
  viewer: Viewer | null,
  { requestId, streamPlace = null }: Pick<Context, 'requestId'> & { readonly streamPlace?: StreamPlace | null },
): Context {
  const known: { viewer: Viewer | null; loaders: Loaders | null } = { viewer, loaders: null };
  return {
    runtime,
    requestId,
    streamPlace,
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
