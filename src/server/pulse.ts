/** Something long-lived that wants to look at the clock now and then. */
export interface Pulsing {
  tick(now: number): void;
}

export interface Pulse {
  add(member: Pulsing): void;
  delete(member: Pulsing): void;
}

/** One clock for all sockets and streams; it stands still while there are none, so nothing outlives them. */
export function createPulse(everyMs: number): Pulse {
  const members = new Set<Pulsing>();
  let timer: NodeJS.Timeout | undefined;
  return {
    add(member) {
      members.add(member);
      timer ??= setInterval(() => {
        const now = Date.now();
        for (const each of members) each.tick(now);
      }, everyMs);
    },
    delete(member) {
      members.delete(member);
      if (members.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}
