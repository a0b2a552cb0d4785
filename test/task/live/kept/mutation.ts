import type { Dice } from './dice.ts';
import type { Town } from './town.ts';

export type Who = keyof Town['callers'];

/** Something that somebody does, thought out before anything of its burst is done: a seed tells what is tried. */
export interface Deed {
  readonly by: Who;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly run: (town: Town, gateway: number) => Promise<'done' | 'refused'>;
}

interface Payload {
  readonly errors: readonly { readonly code: string }[];
  readonly [what: string]: unknown;
}

const capital = (text: string) => text[0]?.toUpperCase() + text.slice(1);

/** A mutation; what it makes is known to the town afterwards. */
export function mutation(
  by: Who,
  name: string,
  input: Deed['input'],
  makes?: { what: string; into: (town: Town) => string[] },
): Deed {
  const gives = makes ? `${makes.what} { id }` : '';
  const text = `mutation Deed($input: ${capital(name)}Input!) { deed: ${name}(input: $input) { ${gives} errors { code } } }`;
  return {
    ...{ by, name, input },
    async run(town, gateway) {
      const { data, errors = [] } = await town.try<{ deed: Payload }>(by, text, { input }, gateway);
      // FORBIDDEN is said of a whole mutation: to the one who may not use it at all.
      const bad = errors.filter(({ extensions }) => extensions['code'] !== 'FORBIDDEN');
      if (bad.length > 0) throw new Error(`${name} ${JSON.stringify(input)}: ${JSON.stringify(bad)}`);
      const deed = data?.deed;
      const made = makes && (deed?.[makes.what] as { readonly id: string } | null | undefined);
      if (made) makes.into(town).push(made.id);
      return deed?.errors.length === 0 ? 'done' : 'refused';
    },
  };
}

export type Draw = (town: Town, dice: Dice, by: Who) => Deed;

export const tasksOf = { what: 'task', into: ({ tasks }: Town) => tasks };

export const records = ({ accounts, contacts, leads, opportunities }: Town) => [
  ...accounts,
  ...contacts,
  ...leads,
  ...opportunities,
];
