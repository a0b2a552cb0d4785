import type { Logger } from 'pino';
import { createMask } from '../graphql/errors.ts';
import type { StreamPlace } from '../graphql/stream-place.ts';
import { requestIdOf } from './request-id.ts';

/** One request and its answer, as this edge sees it. */
export interface Exchange {
  readonly requestId: string;
  readonly startedAt: number;
  /** Of every answer to this request. */
  readonly headers: Record<string, string>;
  readonly mask: ReturnType<typeof createMask>;
  operationName: string | null;
  /** When the answer, being a stream, must end. */
  endsAt: Date | null;
  /** Where the answer, being a stream, can be taken up again. */
  readonly streamPlace: StreamPlace;
  /** Gives back the place that a stream holds. */
  leave: () => void;
}

export function beginExchange(request: Request, logger: Logger): Exchange {
  const requestId = requestIdOf(request.headers.get('x-request-id'));
  return {
    requestId,
    startedAt: performance.now(),
    headers: { 'x-request-id': requestId },
    mask: createMask(requestId, (err) => logger.error({ requestId, err }, 'an operation failed')),
    operationName: null,
    endsAt: null,
    streamPlace: { lastEventId: request.headers.get('last-event-id') || null, eventId: null },
    leave: () => {},
  };
}
