import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a gateway that breaks: each connection is reset once so many bytes have come back over it. */
export interface Tunnel {
  /** The gateway's address, by way of the tunnel. */
  readonly url: string;
  readonly cuts: number;
  /** Where it leads from now on. */
  to(url: string): void;
  /** The connections there are go silent, without an end. */
  freeze(): void;
  close(): Promise<void>;
}

export async function openTunnel(url: string, bytesUntilCut: () => number): Promise<Tunnel> {
  let target = new URL(url);
  let cuts = 0;
  const sockets = new Set<Socket>();
  const frozen = new WeakSet<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    let left = bytesUntilCut();
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (chunk) => void (frozen.has(near) || far.write(chunk)));
    far.on('data', (chunk) => {
      if (frozen.has(far)) return;
      near.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left > 0 || near.destroyed) return;
      cuts += 1;
      far.destroy();
      // What was written shall arrive: the cut is within a frame, not before it.
      near.end(() => near.resetAndDestroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}${target.pathname}`,
    get cuts() {
      return cuts;
    },
    to(next) {
      target = new URL(next);
    },
    freeze() {
      for (const socket of sockets) frozen.add(socket);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
