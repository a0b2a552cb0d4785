import { decodeId, type IdType } from '../ids.ts';
import type { Reader } from './database.ts';
import { fixed } from './statement.ts';

// Inner ids of what a filter names, in one statement for all of them. What is missing, another organization's, of another
// type or no id at all is simply not found.

const TABLES = {
  Account: 'account',
  Contact: 'contact',
  Lead: 'lead',
  Opportunity: 'opportunity',
  Activity: 'activity',
  Pipeline: 'pipeline',
  Stage: 'stage',
} as const;
type InTable = keyof typeof TABLES;
const IN_TABLES = Object.keys(TABLES) as InTable[];

/** The types that can be looked up; all others name nothing. */
const TYPES = ['User', 'Membership', ...IN_TABLES] as const satisfies readonly IdType[];
type Type = (typeof TYPES)[number];
const isType = (type: IdType): type is Type => (TYPES as readonly IdType[]).includes(type);

const statement = fixed(
  'filter.knownIds',
  [
    `SELECT 'User' AS type, u.uid, m.user_id AS id FROM membership m JOIN "user" u ON u.id = m.user_id
     WHERE m.organization_id = $1 AND u.uid = ANY ($2::text[])`,
    // A membership stands for its person, by whom rows refer to it.
    `SELECT 'Membership' AS type, m.uid, m.user_id AS id FROM membership m
     WHERE m.organization_id = $1 AND m.uid = ANY ($3::text[])`,
    ...IN_TABLES.map(
      (type, index) => `SELECT '${type}' AS type, r.uid, r.id FROM ${TABLES[type]} r
     WHERE r.organization_id = $1 AND r.uid = ANY ($${index + 4}::text[])`,
    ),
  ].join(' UNION ALL '),
);

/** Inner ids by outward ones. */
export class KnownIds {
  readonly #ids = new Map<string, bigint>();

  static async of(db: Reader, organizationId: bigint, named: Iterable<string>): Promise<KnownIds> {
    const known = new KnownIds();
    const uids = Object.fromEntries(TYPES.map((type) => [type, new Set<string>()])) as Record<Type, Set<string>>;
    for (const id of named) {
      const decoded = decodeId(id);
      if (decoded && isType(decoded.type)) uids[decoded.type].add(decoded.uid);
    }
    const lists = TYPES.map((type) => [...uids[type]]);
    if (lists.every(({ length }) => length === 0)) return known;
    const rows = await db.rows<{ type: Type; uid: string; id: bigint }>(statement, organizationId, lists);
    for (const { type, uid, id } of rows) known.#ids.set(`${type} ${uid}`, id);
    return known;
  }

  /** Every inner id of a type. */
  all(type: Type): bigint[] {
    return [...this.#ids].filter(([key]) => key.startsWith(`${type} `)).map(([, id]) => id);
  }

  /** Forgets all of a type but these: what else there is, is not for whoever asks. */
  keep(type: Type, ids: ReadonlySet<bigint>): void {
    for (const [key, id] of this.#ids) if (key.startsWith(`${type} `) && !ids.has(id)) this.#ids.delete(key);
  }

  /** The inner ids among some outward ones, of one type: for `compare`. */
  readonly of =
    (type: IdType) =>
    (ids: readonly string[]): bigint[] =>
      ids.flatMap((id) => {
        const decoded = decodeId(id);
        const found = decoded?.type === type ? this.#ids.get(`${type} ${decoded.uid}`) : undefined;
        return found === undefined ? [] : [found];
      });
}

/** The ids in a comparison. */
export const idsIn = (
  comparison:
    | {
        readonly eq?: string | null | undefined;
        readonly in?: readonly string[] | null | undefined;
        readonly notIn?: readonly string[] | null | undefined;
      }
    | null
    | undefined,
): string[] => [
  ...(comparison?.eq == null ? [] : [comparison.eq]),
  ...(comparison?.in ?? []),
  ...(comparison?.notIn ?? []),
];
