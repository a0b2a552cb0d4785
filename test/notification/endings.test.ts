import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type Embedded, startEmbedded } from '../../src/db/embedded.ts';
import { createDatabase } from '../support/cluster.ts';
import { Gateway, JWT_SECRET } from '../support/gateway.ts';
import { openOffice, signIn, subscribe, TaskAssigned } from './office.ts';
import { openStream } from './stream.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

describe('a gateway that stops', () => {
  it('closes sockets 1001 and cuts streams without a “complete”, so that clients come back with their cursors', async () => {
    const gateway = await Gateway.start();
    undo.push(() => gateway.stop());
    const office = await openOffice(gateway);
    const socket = await signIn(gateway.url, office.member);
    const subscription = subscribe(socket);
    const stream = await openStream(gateway.url, office.member, TaskAssigned, { after: null });
    await expect.poll(() => gateway.app.runtime.follower.size).toBe(2);
    const message = expect(subscription.message()).rejects.toThrow('closed (1001 ');
    const event = stream.next();
    await gateway.app.stop();
    await message;
    expect(await event).toBeNull();
    expect(gateway.app.runtime.follower.size).toBe(0);
  });

  it('before it could begin, leaves no connection that would keep its process alive', async () => {
    const database = await createDatabase();
    undo.push(() => database.drop());
    const watcher = new pg.Client({ connectionString: database.url });
    await watcher.connect();
    undo.push(() => watcher.end());
    const others = async () => {
      const text = `SELECT application_name AS name FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()`;
      return (await watcher.query<{ name: string }>(text)).rows.map(({ name }) => name);
    };
    const options = {
      databaseUrl: database.url,
      jwtSecret: JWT_SECRET,
      logger: pino({ level: 'silent' }),
      prepare: async () => {
        await expect.poll(others).toContain('taskwire doorbell');
        throw new Error('the seed is broken');
      },
    };
    await expect(createApp(readConfig({ PORT: '0' }), options)).rejects.toThrow('the seed is broken');
    await expect.poll(others).toEqual([]);
  });
});

describe('when PostgreSQL restarts', () => {
  it('a subscription goes on: it gets what is assigned afterwards, and other gateways are rung again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'taskwire-restart-'));
    await chmod(dataDir, 0o755);
    undo.push(() => rm(dataDir, { recursive: true, force: true }));
    let postgres: Embedded = await startEmbedded({ dataDir, extraSettings: { fsync: 'off' } });
    undo.push(() => postgres.stop());
    const database = { url: postgres.url, drop: async () => {} };
    const [one, two] = [await Gateway.start({ database }), await Gateway.start({ database })];
    undo.push(
      () => one.stop(),
      () => two.stop(),
    );
    const office = await openOffice(one);
    const socket = await signIn(two.url, office.member);
    const subscription = subscribe(socket);
    await expect.poll(() => two.app.runtime.follower.size).toBe(1);

    await postgres.stop();
    const away = await one.send(office.member, '{ viewer { logCursor } }');
    expect(away).toMatchObject({ status: 503, errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
    postgres = await startEmbedded({
      dataDir,
      port: Number(new URL(postgres.url).port),
      extraSettings: { fsync: 'off' },
    });

    // Nobody may have heard of this one: the bells are not back yet.
    await office.create({ title: 'afterwards', assigneeId: office.member.userId });
    const bells = async () => {
      const text = `SELECT 1 FROM pg_stat_activity WHERE application_name = 'taskwire doorbell' AND query LIKE '%event.%'`;
      return (await one.app.runtime.db.prisma.$queryRawUnsafe<unknown[]>(`/* test.bells */ ${text}`)).length;
    };
    await expect.poll(bells, { timeout: 10_000 }).toBe(2);
    await office.create({ title: 'rung', assigneeId: office.member.userId });
    const titles = [await subscription.next(), await subscription.next()].map(({ task }) => task?.title);
    expect(titles).toEqual(['afterwards', 'rung']);
    await socket.close();
  });
});
