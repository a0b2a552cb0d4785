/** Counts what each caller holds open. */
export interface Connections {
  /** Takes a place and gives back how to leave it (once, however often it is called); null when there is none left. */
  take(callerKey: string): (() => void) | null;
}

/** The places for long-lived connections, sockets and event streams together: so many in all, so many for one caller. */
export function createConnections(perCaller: number, inAll: number): Connections {
  const held = new Map<string, number>();
  let total = 0;
  return {
    take(callerKey) {
      const count = held.get(callerKey) ?? 0;
      if (count >= perCaller || total >= inAll) return null;
      held.set(callerKey, count + 1);
      total += 1;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        total -= 1;
        const rest = (held.get(callerKey) ?? 1) - 1;
        if (rest > 0) held.set(callerKey, rest);
        else held.delete(callerKey);
      };
    },
  };
}
