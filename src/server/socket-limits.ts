/** A bucket of messages: so many at once, filling up again by so many a second. */
export function createBucket(burst: number, perSecond: number, now = () => performance.now()) {
  let level = burst;
  let filledAt = now();
  return {
    /** Whether there was room for one more. */
    take(): boolean {
      const time = now();
      level = Math.min(burst, level + ((time - filledAt) / 1_000) * perSecond);
      filledAt = time;
      if (level < 1) return false;
      level -= 1;
      return true;
    },
  };
}

export interface Watched {
  ping(): void;
  terminate(): void;
  readonly bufferedAmount: number;
}

/**
 * Watches one socket: pings it, and gives it up when a ping stays unanswered until the next, or when it has read too
 * little for too long. Call `tick` with the time now and then, `alive` for every pong.
 */
export function createWatch(
  socket: Watched,
  limits: { readonly pingMs: number; readonly stallBytes: number; readonly stallMs: number },
  onStalled: () => void,
) {
  let pingedAt = Date.now();
  let answered = true;
  let fullSince: number | null = null;
  return {
    alive() {
      answered = true;
    },
    tick(now: number) {
      if (socket.bufferedAmount <= limits.stallBytes) fullSince = null;
      else fullSince ??= now;
      if (fullSince !== null && now - fullSince >= limits.stallMs) return onStalled();
      if (now - pingedAt < limits.pingMs) return;
      if (!answered) return socket.terminate();
      answered = false;
      pingedAt = now;
      socket.ping();
    },
  };
}

/** RFC 6455 allows 123 bytes. */
const maxReasonBytes = 123;

/** A close reason that fits, cut between characters. */
export function closeReason(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxReasonBytes) return text;
  let end = maxReasonBytes;
  // Bytes 10xxxxxx continue a character.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
