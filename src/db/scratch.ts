import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** An empty database beside the one of the URL, for as long as it is needed. */
export async function scratchDatabase(url: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `taskwire_scratch_${randomBytes(6).toString('hex')}`;
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await run(`/* scratch.create */ CREATE DATABASE ${name}`);
  const scratch = new URL(url);
  scratch.pathname = `/${name}`;
  return { url: scratch.href, drop: () => run(`/* scratch.drop */ DROP DATABASE ${name} WITH (FORCE)`) };
}
