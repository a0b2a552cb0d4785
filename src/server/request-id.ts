import { randomUUID } from 'node:crypto';

const sane = /^[A-Za-z0-9._-]{1,64}$/;

/** The caller's own `x-request-id` if it is fit for logs and headers, else a new one. */
export function requestIdOf(header: string | null | undefined): string {
  return header && sane.test(header) ? header : randomUUID();
}
