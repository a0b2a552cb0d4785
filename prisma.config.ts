import { defineConfig } from 'prisma/config';

// `prisma generate` looks for the schema engine's binary, which it never runs, and would download it. Any executable will do:
// migrations run in the WebAssembly engine (src/db/migrate.ts).
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } });
