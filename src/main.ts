import { CommandRefused, commands } from './commands.ts';
import { ConfigError } from './config.ts';
import { EmbeddedRefused } from './db/embedded.ts';
import { MigrationRefused } from './db/migrate.ts';

/** What a person can put right is one sentence; all else is a bug, with its trace. */
const forPeople = [ConfigError, EmbeddedRefused, MigrationRefused, CommandRefused];

const [name = 'start', ...args] = process.argv.slice(2);
const command = commands[name];
try {
  if (!command) throw new CommandRefused(`There is no command ${name}: ${Object.keys(commands).join(', ')}.`);
  await command(args);
} catch (error) {
  const known = forPeople.some((type) => error instanceof type);
  console.error(known ? (error as Error).message : error);
  process.exitCode = 1;
}
