/** Whose pages in a browser may talk to us. */
export type AllowedOrigins = readonly string[] | 'loopback' | 'none';

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface Origins {
  /** Whether a page of this origin may use us. No origin: not a browser. */
  allows(origin: string | null | undefined, host: string | null | undefined): boolean;
  /**
   * Whether a request that reached this local address may be for this host at all. While loopback origins are allowed,
   * we are a developer's own server, and a foreign name that leads to 127.0.0.1 is DNS rebinding: its page would count
   * as our own, and could read the token in GraphiQL.
   */
  serves(host: string | null | undefined, localAddress: string | undefined): boolean;
}

/** The judge of Origin and Host headers, for HTTP and for sockets. */
export function createOrigins(allowed: AllowedOrigins): Origins {
  const listed = new Set(
    typeof allowed === 'string' ? [] : allowed.map((origin) => origin.replace(/\/$/, '').toLowerCase()),
  );
  return {
    allows(origin, host) {
      if (!origin) return true;
      const url = URL.canParse(origin) ? new URL(origin) : null;
      // `null` and the like: sandboxed frames, files, redirects.
      if (!url || !/^https?:$/.test(url.protocol)) return false;
      if (host && url.host === hostOf(url.protocol, host)) return true;
      if (allowed === 'loopback') return loopbackNames.has(url.hostname);
      return listed.has('*') || listed.has(url.origin);
    },
    serves(host, localAddress) {
      if (allowed !== 'loopback' || !host || !isLoopback(localAddress)) return true;
      const name = /^(\[[0-9a-f:]+\]|[^:]+)(:\d+)?$/i.exec(host)?.[1];
      return name !== undefined && loopbackNames.has(name.toLowerCase());
    },
  };
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
}

/** As `URL.host` writes it: in lower case, without the scheme's own port. */
function hostOf(protocol: string, host: string): string | null {
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : null;
}
