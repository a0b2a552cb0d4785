import type { Connections } from './connections.ts';
import type { Limits } from './limits.ts';
import type { Operations } from './operations.ts';
import type { Origins } from './origins.ts';
import type { Pulse } from './pulse.ts';

/** What HTTP and sockets have in common. */
export interface Shared {
  readonly limits: Limits;
  readonly origins: Origins;
  readonly operations: Operations;
  readonly connections: Connections;
  readonly pulse: Pulse;
  /** Set once, when `close` begins. */
  readonly state: { draining: boolean };
}
