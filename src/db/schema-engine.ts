import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

// Neither `types: ["node"]` nor `lib` without the DOM has it.
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

/**
 * Prisma's own schema engine, as WebAssembly: the migrations table and checksums of `prisma migrate deploy` without the
 * binary that it downloads. The package has no entry that Node can load, so it is instantiated by hand.
 */
async function load(): Promise<typeof SchemaEngine> {
  const home = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const glue = await import(pathToFileURL(join(home, 'schema_engine_bg.js')).href);
  const imports = { ...glue };
  // Each lock has a timer of ten seconds, which nothing clears and for which the process would wait before it ends.
  for (const name of Object.keys(glue).filter((key) => key.startsWith('__wbg_setTimeout_')))
    imports[name] = (callback: () => void, ms: number) => setTimeout(callback, ms).unref();
  const { instance } = await WebAssembly.instantiate(await readFile(join(home, 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': imports,
  });
  glue.__wbg_set_wasm(instance.exports);
  // Where the engine leaves the message of a panic; without it a panic hides behind a TypeError.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => console.error(text) } });
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

// Once a process: its glue module holds one instance, and a second one would pull it from under the first.
let loading: ReturnType<typeof load> | undefined;

const CHAR = 18;
const TEXT = 25;

/** Lends `use` an engine on one connection to `databaseUrl`, and closes both. */
export async function withSchemaEngine<T>(databaseUrl: string, use: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  loading ??= load();
  const Engine = await loading;
  const factory = new PrismaPg({
    connectionString: databaseUrl,
    // One connection: the engine takes its advisory lock in the session, and takes it again without giving it back.
    max: 1,
    options: '-c timezone=UTC -c statement_timeout=0 -c lock_timeout=0 -c idle_session_timeout=0',
    application_name: 'taskwire migrate',
  });
  let adapter: SqlDriverAdapter | undefined;
  const connect = async () => (adapter = suited(await factory.connect()));
  const { provider, adapterName } = factory;
  const bound = bindMigrationAwareSqlAdapterFactory({ provider, adapterName, connect, connectToShadowDb: connect });
  try {
    const engine = await Engine.new({ datamodels: [[SCHEMA, NO_MODELS]] }, () => {}, bound);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } finally {
    await adapter?.dispose();
  }
}

const SCHEMA = 'schema.prisma';
const NO_MODELS = 'datasource db { provider = "postgresql" }';

/** What the engine expects of an adapter and PrismaPg does not do. */
function suited(adapter: Awaited<ReturnType<PrismaPg['connect']>>): SqlDriverAdapter {
  const pool = adapter.underlyingDriver();
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    executeRaw: (query) => adapter.executeRaw(query),
    startTransaction: (isolation) => adapter.startTransaction(isolation),
    getConnectionInfo: () => adapter.getConnectionInfo(),
    // The pool's end comes before that of its connection, and a database with a connection cannot be copied or dropped.
    async dispose() {
      const closed = pool.totalCount > 0 && once(pool, 'remove');
      await adapter.dispose();
      await closed;
    },

    // PrismaPg has no word for "char", in which the catalog gives kinds of constraints and actions of foreign keys.
    async queryRaw(query) {
      let fields: pg.FieldDef[] = [];
      const client = {
        query: async (config: pg.QueryArrayConfig) => {
          const result = await pool.query(config);
          fields = result.fields;
          return { ...result, fields: fields.map((f) => (f.dataTypeID === CHAR ? { ...f, dataTypeID: TEXT } : f)) };
        },
      };
      const reading: typeof adapter = Object.create(adapter, { client: { value: client } });
      const result = await reading.queryRaw(query);
      for (const [i, { dataTypeID }] of fields.entries())
        if (dataTypeID === CHAR) result.columnTypes[i] = ColumnTypeEnum.Character;
      return result;
    },

    // PrismaPg cuts a script at every semicolon, comments and bodies of functions included, and commits each piece by
    // itself. In one message it is one transaction; and since the row that records it is finished by that same
    // transaction, a row without an end means that nothing of its migration is there, however we died.
    async executeScript(script) {
      try {
        await pool.query(`${script}\n;${FINISH}`);
      } catch (error) {
        throw error instanceof pg.DatabaseError ? new DriverAdapterError(located(error, script)) : error;
      }
    },
  };
}

const FINISH =
  'UPDATE _prisma_migrations SET finished_at = clock_timestamp() WHERE finished_at IS NULL AND rolled_back_at IS NULL';

function located(error: pg.DatabaseError, script: string) {
  const { code = '', severity = 'ERROR', detail, column, hint, position } = error;
  const line = position && [...script].slice(0, Number(position) - 1).filter((c) => c === '\n').length + 1;
  const message = line ? `${error.message}, line ${line}` : error.message;
  return { kind: 'postgres', code, severity, message, detail, column, hint } as const;
}
