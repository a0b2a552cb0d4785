import { spawn } from 'node:child_process';
import { type Account, as } from './embedded-account.ts';

/**
 * Runs a program for one gateway. A session of its own keeps the terminal's Ctrl-C from stopping it before the gateway has
 * drained; the guard's stdin is a pipe from us, so however we end, SIGKILL included, the guard reads EOF and stops it. The
 * pipe is handed over as descriptor 3, since a command in the background reads /dev/null. The guard ignores the signals
 * that a service manager sends to all processes at once.
 */
const guard = (stop: string) =>
  `trap '' HUP INT TERM; exec 3<&0; "$0" "$@" </dev/null 3<&- & pid=$!
   (while read -r _; do :; done <&3; ${stop}) >/dev/null 2>&1 &
   exec 3<&-; wait $pid`;

export const STOP = {
  /** A fast shutdown; said again until it is heard, since a program that is just being loaded still ignores it. */
  postgres: guard('while kill -INT $pid; do sleep 0.2; done'),
  /** The whole session at once: initdb's children do not die with it, and nothing of it is worth keeping. */
  initdb: guard('kill -KILL 0'),
};

export interface Guarded {
  /** Resolves with the exit code once the program and all of its children have ended. */
  ended: Promise<number | null>;
  /** The last of what it said. */
  log(): string;
  /** Resolves with true once it has said this, or with false if it ended or was silent for a minute. */
  says(words: string): Promise<boolean>;
  stop(): Promise<number | null>;
}

/** Starts a program under the guard, as the account (none: ours). */
export function startGuarded(script: string, command: readonly string[], account: Account | undefined): Guarded {
  const child = spawn('/bin/sh', ['-c', script, ...command], {
    ...as(account),
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    log = (log + chunk).slice(-8000);
  });
  // The guard may end first; its pipe then has no reader.
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code));
  });
  return {
    ended,
    log: () => log,
    says: (words) =>
      new Promise((resolve, reject) => {
        const settle = (said: boolean) => {
          clearTimeout(silence);
          child.stderr.off('data', listen);
          resolve(said);
        };
        // A long recovery says every ten seconds how far it is.
        const silence = setTimeout(() => settle(false), 60_000);
        const listen = () => {
          silence.refresh();
          if (log.includes(words)) settle(true);
        };
        child.stderr.on('data', listen);
        ended.then(() => settle(false), reject);
        listen();
      }),
    stop: () => {
      child.stdin.end();
      return ended;
    },
  };
}
