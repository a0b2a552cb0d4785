import { columnsOf } from '../../db/columns.ts';
import type { Reader } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { escapeLike } from '../../db/like.ts';
import { Params } from '../../db/params.ts';
import { composed } from '../../db/statement.ts';
import { RECORD_NAMES } from '../names.ts';
import { SEARCHED } from '../searched.ts';
import type { RecordRows } from '../store.ts';
import type { Search, SearchWord } from './rules.ts';

/** Words that the index is asked for; what they leave is looked through for the others. */
const INDEXED = 4;

/** Patterns are texts to be found in the same form as what is searched: it leaves LIKE's own characters as they are. */
const like = (pattern: string, params: Params) => `LIKE search_form(${params.add(pattern, 'text')})`;
// No word holds the end of a line.
const likeAll = (patterns: readonly string[], params: Params) =>
  `LIKE ALL (string_to_array(search_form(${params.add(patterns.join('\n'), 'text')}), E'\\n'))`;

const atStart = ({ text }: Pick<SearchWord, 'text'>) => `% ${escapeLike(text)}%`;
const patternOf = (word: SearchWord) => (word.isAnywhere ? `%${escapeLike(word.text)}%` : atStart(word));

/**
 * Records of one kind that a search finds, the best first: called exactly so, called so at the beginning, with words that
 * begin so, and others. It is planned anew each time, since what is to be done depends on how common the words are.
 */
export function searchRecordsOf<Type extends RecordType>(
  db: Reader,
  organizationId: bigint,
  type: Type,
  { whole, words, digits }: Search,
  limit: number,
): Promise<(RecordRows[Type] & { readonly rank: number })[]> {
  const params = new Params();
  const text = SEARCHED[type];
  const longest = words.toSorted((a, b) => b.text.length - a.text.length);
  const all = longest.slice(0, INDEXED).map((word) => `${text} ${like(patternOf(word), params)}`);
  if (longest.length > INDEXED) {
    all.push(`${text} ${likeAll(longest.slice(INDEXED).map(patternOf), params)}`);
  }
  const found = all.join(' AND ');
  const numbered = digits === null ? '' : ` OR ${text} ${like(`%${digits}%`, params)}`;
  const rank = `CASE WHEN s.searched ${like(` ${escapeLike(whole)}\n%`, params)} THEN 0
      WHEN s.searched ${like(` ${escapeLike(whole)}%`, params)} THEN 1
      WHEN s.searched ${likeAll(words.map(atStart), params)} THEN 2 ELSE 3 END`;
  const table = type.toLowerCase();
  // OFFSET 0 keeps the text from being put together again for each line of the rank.
  const statement = `SELECT ${columnsOf(RECORD_NAMES[type], 'r')}, f.rank FROM (
      SELECT s.id, s.updated_at, ${rank} AS rank FROM (
        SELECT r.id, r.updated_at, ${text} AS searched FROM ${table} r
        WHERE r.organization_id = $1 AND r.deleted_at IS NULL AND (${found}${numbered}) OFFSET 0
      ) s ORDER BY rank, s.updated_at DESC, s.id DESC LIMIT ${params.add(limit)}
    ) f JOIN ${table} r ON r.organization_id = $1 AND r.id = f.id`;
  return db.rows(composed(`${table}.search`, statement), organizationId, params.values);
}
