import { describe, expect, it } from 'vitest';
import { violations } from './sql-rule.ts';

// A rule that lets everything pass would find nothing wrong in any statement: these must be found.

const tables = { tenants: new Set(['task', 'account', 'membership']), globals: new Set(['user', 'organization']) };
const OWN = 7n;
const judge = (text: string, values: readonly unknown[] = [OWN, 1n]) => violations(text, values, OWN, tables);

const BAD: [string, string, (readonly unknown[])?][] = [
  ['no condition', 'SELECT * FROM task'],
  [
    'no condition, by Prisma',
    'SELECT "public"."task"."id" FROM "public"."task" WHERE ("public"."task"."uid" = $2 AND 1=1) LIMIT $1',
  ],
  ['another organization', 'SELECT * FROM task t WHERE t.organization_id = $1', [8n]],
  ['another parameter', 'SELECT * FROM task t WHERE t.organization_id = $2'],
  ['a literal', 'SELECT * FROM task t WHERE t.organization_id = 7'],
  ['a list', 'SELECT * FROM task t WHERE t.organization_id = ANY ($1)'],
  ['a comparison', 'SELECT * FROM task t WHERE t.organization_id >= $1'],
  ['a calculation', 'SELECT * FROM task t WHERE t.organization_id = $1 + 1'],
  ['its opposite', 'SELECT * FROM task t WHERE NOT t.organization_id = $1'],
  ['its opposite in brackets', 'SELECT * FROM task t WHERE (t.organization_id = $1) IS NOT TRUE'],
  ['an alternative', 'SELECT * FROM task t WHERE t.organization_id = $1 OR t.id = $2'],
  ['an alternative in brackets', 'SELECT * FROM task t WHERE t.id = $2 AND (t.organization_id = $1 OR true)'],
  ['a case', 'SELECT * FROM task t WHERE CASE WHEN true AND t.organization_id = $1 AND true THEN true END'],
  ['a comment', 'SELECT * FROM task t /* WHERE t.organization_id = $1 */ -- t.organization_id = $1'],
  ['a text', `SELECT * FROM task t WHERE t.title = 'x' AND 't.organization_id = $1' = 't.organization_id = $1'`],
  ['a name in quotes', 'SELECT t.title AS "from" FROM task t WHERE t.id = $2'],
  ['the column of another table', 'SELECT * FROM task t, account a WHERE a.organization_id = $1'],
  ['the column of nobody knows which', 'SELECT * FROM task t, account a WHERE organization_id = $1'],
  ['a join without it', 'SELECT * FROM task t JOIN account a ON a.id = t.account_id WHERE t.organization_id = $1'],
  [
    'a left join without it',
    'SELECT * FROM task t LEFT JOIN account a ON a.id = t.account_id WHERE t.organization_id = $1',
  ],
  [
    'a left join that should hold what it joins to',
    'SELECT * FROM task t LEFT OUTER JOIN account a ON a.organization_id = $1 AND t.organization_id = $1',
  ],
  [
    'a join that holds each to the other only',
    'SELECT * FROM task t JOIN account a ON a.organization_id = t.organization_id',
  ],
  [
    'a right join',
    'SELECT * FROM task t RIGHT JOIN account a ON a.organization_id = t.organization_id WHERE t.organization_id = $1',
  ],
  ['a join by name', 'SELECT * FROM task t JOIN account a USING (organization_id) WHERE t.organization_id = $1'],
  [
    'one of two branches',
    'SELECT t.id FROM task t WHERE t.organization_id = $1 UNION ALL (SELECT t.id FROM task t WHERE t.id = $2)',
  ],
  [
    'a subquery without it',
    'SELECT * FROM task t WHERE t.organization_id = $1 AND EXISTS (SELECT 1 FROM account a WHERE a.id = t.account_id)',
  ],
  [
    'a subquery that says it of what is outside',
    'SELECT * FROM task t WHERE t.organization_id = $1 AND EXISTS (SELECT 1 FROM account a WHERE t.organization_id = $1)',
  ],
  [
    'a subquery that says it for what is outside',
    'SELECT * FROM task t WHERE EXISTS (SELECT 1 FROM account a WHERE a.organization_id = $1 AND t.organization_id = $1)',
  ],
  ['a subquery of a column', 'SELECT (SELECT count(*) FROM account) FROM task t WHERE t.organization_id = $1'],
  [
    'a lateral one',
    'SELECT * FROM task t LEFT JOIN LATERAL (SELECT * FROM account a WHERE a.id = t.account_id) a ON true WHERE t.organization_id = $1',
  ],
  [
    'a CTE without it',
    'WITH found AS MATERIALIZED (SELECT * FROM task t) SELECT * FROM found f WHERE f.organization_id = $1',
  ],
  ['a later CTE without it', 'WITH a AS (SELECT 1), b AS (SELECT * FROM task) SELECT * FROM a, b'],
  ['an update', 'UPDATE task t SET title = $2 WHERE t.id = $2'],
  ['an update that moves', 'UPDATE task t SET organization_id = $2 WHERE t.organization_id = $1'],
  [
    'an update from another table',
    'UPDATE task t SET title = a.name FROM account a WHERE t.organization_id = $1 AND a.id = t.account_id',
  ],
  ['a deletion', 'DELETE FROM task'],
  [
    'a deletion by another table',
    'DELETE FROM task t USING account a WHERE t.organization_id = $1 AND a.id = t.account_id',
  ],
  ['a row without it', 'INSERT INTO task (title) VALUES ($1)'],
  ['a row of another', 'INSERT INTO task (title, organization_id) VALUES ($1, $2)'],
  ['one of two rows of another', 'INSERT INTO task (organization_id, title) VALUES ($1, $2), ($2, $1) RETURNING id'],
  ['a row under another name', 'INSERT INTO task AS account (title) VALUES ($1)'],
  [
    'a row that another one makes way for',
    'INSERT INTO task (organization_id) SELECT $1 ON CONFLICT (id) DO UPDATE SET organization_id = $2',
  ],
  ['a query among arguments', 'SELECT coalesce((SELECT max(t.id) FROM task t), 1)'],
  ['a row without columns', 'INSERT INTO task VALUES ($1, $2)'],
  ['rows of a query', 'INSERT INTO task (title, organization_id) SELECT a.name, a.organization_id FROM account a'],
  ['rows that read another', 'INSERT INTO task (organization_id, title) SELECT $1, a.name FROM account a'],
  [
    'what reads itself',
    'WITH RECURSIVE up AS (SELECT 1 AS id UNION SELECT t.id FROM up JOIN task t ON t.id = up.id) SELECT id FROM up',
  ],
  ['a write in a CTE', 'WITH gone AS (DELETE FROM task t RETURNING t.id) SELECT * FROM gone'],
  ['a table that nobody knows', 'SELECT * FROM secrets'],
  ['a statement that nobody knows', 'TRUNCATE task'],
  ['a copy', 'COPY task TO stdout'],
];

describe('the rule of organizations refuses', () => {
  it.each(BAD)('%s', (_, text, values) => {
    expect(judge(text, values)).not.toEqual([]);
  });
});

const GOOD: [string, string, (readonly unknown[])?][] = [
  ['a condition', 'SELECT * FROM task t WHERE t.organization_id = $1 AND (t.id = $2 OR t.title IS NOT NULL)'],
  ['the other way round', 'SELECT * FROM task t WHERE $1 = t.organization_id'],
  ['a cast', 'SELECT * FROM task t WHERE t.organization_id = $1::bigint', ['7']],
  ['the bare name of the only table', 'SELECT * FROM task WHERE organization_id = $1 FOR NO KEY UPDATE OF task'],
  [
    'Prisma’s brackets',
    'SELECT "public"."task"."id" FROM "public"."task" WHERE (("public"."task"."organization_id" = $2 AND 1=1)) OFFSET $1',
    [0, 7n],
  ],
  [
    'a join',
    'SELECT * FROM task t JOIN account a ON a.organization_id = t.organization_id AND a.id = t.account_id WHERE t.organization_id = $1',
  ],
  [
    'a chain of joins',
    'SELECT * FROM task t LEFT JOIN account a ON a.organization_id = t.organization_id INNER JOIN membership m ON m.organization_id = a.organization_id WHERE $1 = t.organization_id',
  ],
  [
    'a global table beside it',
    'SELECT u.name FROM membership m JOIN "user" u ON u.id = m.user_id WHERE m.organization_id = $1 AND left(u.name, 1) IS DISTINCT FROM $2',
  ],
  [
    'two branches',
    '(SELECT t.id FROM task t WHERE t.organization_id = $1 LIMIT 1) UNION ALL (SELECT a.id FROM account a WHERE a.organization_id = $1)',
  ],
  [
    'a subquery held by what is outside',
    'SELECT * FROM task t WHERE t.organization_id = $1 AND CASE WHEN $2 THEN true OR EXISTS (SELECT 1 FROM account a WHERE a.organization_id = t.organization_id) END',
  ],
  [
    'CTEs',
    'WITH own AS (SELECT t.id FROM task t WHERE t.organization_id = $1) SELECT * FROM own JOIN unnest($2::bigint[]) AS g(id) ON g.id = own.id',
  ],
  [
    'what reads itself',
    'WITH RECURSIVE up AS (SELECT $2::bigint AS id UNION SELECT t.account_id FROM up JOIN task t ON t.organization_id = $1 AND t.id = up.id) SELECT id FROM up',
  ],
  [
    'an update',
    'UPDATE "public"."task" SET "title" = $2, "organization_id" = $1 WHERE ("public"."task"."organization_id" = $1) RETURNING "public"."task"."id"',
  ],
  [
    'rows',
    'INSERT INTO "public"."task" ("title","organization_id") VALUES ($2,$1), ($3,$1) RETURNING "public"."task"."id"',
  ],
  [
    'rows of a query',
    'INSERT INTO task (organization_id, title) SELECT $1, g.title FROM jsonb_to_recordset($2) AS g(title text)',
  ],
  ['a row of a global table', 'INSERT INTO "user" (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = $1'],
  ['the ends of transactions', 'BEGIN'],
];

describe('the rule of organizations lets pass', () => {
  it.each(GOOD)('%s', (_, text, values) => {
    expect(judge(text, values)).toEqual([]);
  });
});
