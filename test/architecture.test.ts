import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

// The house (docs/design.md): main → app → server → graphql/schema → a room's schema → service → store → db.

const SRC = resolve(import.meta.dirname, '../src');

interface Import {
  readonly from: string;
  readonly to: string;
  /** Types only: nothing at run time. */
  readonly isType: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.includes('generated'))
  .sort();
const textOf = (file: string) => readFileSync(join(SRC, file), 'utf8');

/** Every import of our own files, in `src/`-relative paths. */
function importsOf(file: string, text: string): Import[] {
  const found = text.matchAll(/^(?:import|export)\s+(type\s)?([^'"]*?from\s+)?['"](\.[^'"]+)['"]/gms);
  return [...found].map(([, type, names = '', path = '']) => ({
    from: file,
    to: relative(SRC, resolve(SRC, dirname(file), path)),
    isType: type !== undefined || /^\{(\s*type\s+\w+(\s+as\s+\w+)?\s*,?)+\s*\}\s*from/.test(names),
  }));
}

const imports = files.flatMap((file) => importsOf(file, textOf(file)));
const atRunTime = imports.filter(({ isType }) => !isType);

const room = (file: string) => (file.includes('/') ? (file.split('/')[0] as string) : '');
const layer = (file: string) => (file.split('/').at(-1) as string).replace(/\.ts$/, '');
const NOUNS = [
  'account',
  'activity',
  'automation',
  'comment',
  'contact',
  'lead',
  'notification',
  'opportunity',
  'organization',
  'pipeline',
  'record',
  'task',
  'timeline',
];
const isNoun = (file: string) => NOUNS.includes(room(file));
const tell = (list: readonly Import[]) => list.map(({ from, to }) => `${from} → ${to}`);

/** What every layer may lean on: pure, and importing nothing of ours but each other. */
const PURE = new Set(['addresses.ts', 'refusals.ts', 'limits.ts', 'dates.ts', 'time.ts', 'ids.ts']);

describe('the house', () => {
  it('reads every import, or the rules below would hold of nothing', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(imports.length).toBeGreaterThan(200);
    const text = `import a from './b.ts';\nimport type { C } from '../d.ts';\nimport {\n  type E,\n  f,\n} from './g.ts';\nimport { type H } from './i.ts';`;
    expect(importsOf('task/x.ts', text).map(({ to, isType }) => [to, isType])).toEqual([
      ['task/b.ts', false],
      ['d.ts', true],
      ['task/g.ts', false],
      ['task/i.ts', true],
    ]);
  });

  it('keeps what all lean on free of everything else', () => {
    const wrong = atRunTime.filter(({ from, to }) => PURE.has(from) && !PURE.has(to));
    expect(tell(wrong)).toEqual([]);
  });

  it('keeps rules pure: they import rules and what all lean on', () => {
    const wrong = atRunTime.filter(
      ({ from, to }) => layer(from) === 'rules' && !(PURE.has(to) || layer(to) === 'rules'),
    );
    expect(tell(wrong)).toEqual([]);
    const timed = files.filter(
      (file) => layer(file) === 'rules' && /Date\.now|new Date\(\)|Math\.random/.test(textOf(file)),
    );
    expect(timed, 'rules with a clock or dice').toEqual([]);
  });

  it('lets only stores, db, event and auth speak SQL', () => {
    const speaks = atRunTime
      .filter(({ to }) => to === 'db/statement.ts' || to === 'db/columns.ts')
      .map(({ from }) => from);
    const wrong = speaks.filter((file) => !(layer(file) === 'store' || ['db', 'event'].includes(room(file))));
    expect(wrong).toEqual([]);
  });

  it('has services call services, never another room’s store, and nothing above them', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (layer(from) !== 'service' || !isNoun(from)) return false;
      const above =
        ['graphql', 'server'].includes(room(to)) || /schema|queries|mutations|lists|loaders/.test(layer(to));
      return above || (layer(to) === 'store' && room(to) !== room(from));
    });
    expect(tell(wrong)).toEqual([]);
  });

  it('has no room reach into another’s store', () => {
    const wrong = atRunTime.filter(
      ({ from, to }) => isNoun(from) && layer(to) === 'store' && isNoun(to) && room(to) !== room(from),
    );
    expect(tell(wrong)).toEqual([]);
  });

  it('has stores know nothing above them', () => {
    const above = /^(service|schema|queries|mutations|lists|loaders)$/;
    const wrong = imports.filter(
      ({ from, to }) => layer(from) === 'store' && (above.test(layer(to)) || ['graphql', 'server'].includes(room(to))),
    );
    expect(tell(wrong)).toEqual([]);
  });

  it('has a builder that knows no noun', () => {
    const wrong = atRunTime.filter(({ from, to }) => from === 'graphql/builder.ts' && isNoun(to));
    expect(tell(wrong)).toEqual([]);
  });

  it('has db know nothing of the rest, and auth and event nothing of the nouns', () => {
    const allowed = (from: string, to: string) => room(to) === room(from) || PURE.has(to);
    const db = atRunTime.filter(({ from, to }) => room(from) === 'db' && !allowed(from, to));
    const auth = atRunTime.filter(({ from, to }) => room(from) === 'auth' && isNoun(to));
    const schemaOfEvents = ['event/schema.ts'];
    const event = atRunTime.filter(
      ({ from, to }) => room(from) === 'event' && !schemaOfEvents.includes(from) && isNoun(to),
    );
    expect(tell([...db, ...auth, ...event])).toEqual([]);
  });

  it('has an edge that knows no noun, and nobody below the app that knows the edge', () => {
    const edge = imports.filter(
      ({ from, to }) => room(from) === 'server' && (isNoun(to) || ['auth', 'db', 'event'].includes(room(to))),
    );
    const top = ['app.ts', 'tabs.ts', 'gateway.ts'];
    const wrong = imports.filter(
      ({ from, to }) => room(to) === 'server' && room(from) !== 'server' && !top.includes(from),
    );
    expect(tell([...edge, ...wrong])).toEqual([]);
  });

  it('has work that knows no noun: kinds of jobs are registered from above', () => {
    const wrong = imports.filter(
      ({ from, to }) => room(from) === 'work' && (isNoun(to) || ['graphql', 'server', 'event'].includes(room(to))),
    );
    expect(tell(wrong)).toEqual([]);
  });

  it('has a client that frontends can load by itself: it imports nothing, not even types, but its own files', () => {
    const own = files.filter((file) => room(file) === 'client');
    expect(own.length).toBeGreaterThan(0);
    const from = own.flatMap((file) => [
      ...textOf(file).matchAll(/\bfrom\s+['"]([^'"]+)|\bimport\s*\(?\s*['"]([^'"]+)/g),
    ]);
    const paths = from.map(([, path, loaded]) => path ?? loaded ?? '');
    expect(paths.length).toBeGreaterThan(3);
    expect(paths.filter((path) => !/^\.\/[\w-]+\.ts$/.test(path))).toEqual([]);
    const wrong = imports.filter(({ from, to }) => room(to) === 'client' && room(from) !== 'client');
    expect(tell(wrong), 'the gateway has no use for it').toEqual([]);
  });

  it('goes in no circle at run time', () => {
    const next = new Map<string, string[]>();
    for (const { from, to } of atRunTime) next.set(from, [...(next.get(from) ?? []), to]);
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (state.get(file) === 'open') circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (state.has(file)) return;
      state.set(file, 'open');
      for (const to of next.get(file) ?? []) visit(to, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('has no file past 250 lines, no index that re-exports, and one reader of the environment', () => {
    const long = files
      .map((file) => [file, textOf(file).split('\n').length] as const)
      .filter(([, lines]) => lines > 250);
    expect(long).toEqual([]);
    expect(files.filter((file) => layer(file) === 'index')).toEqual([]);
    // Beside the settings' reader, the one that hands PATH on to PostgreSQL and nothing else.
    const readers = files.filter((file) => /process\.env\b/.test(textOf(file)));
    expect(readers).toEqual(['config.ts', 'db/embedded-account.ts']);
  });

  it('has one file that acts on import', () => {
    // Statements at the top of a file that are neither declarations nor registrations.
    const acts = files.filter((file) => /^(await|void|if|for|try|process|console)\b/m.test(textOf(file)));
    expect(acts).toEqual(['main.ts']);
  });
});
