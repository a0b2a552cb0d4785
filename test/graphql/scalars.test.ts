import { GraphQLError, type GraphQLScalarType, parseValue } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';

const scalar = (name: string) => schema.getType(name) as GraphQLScalarType;
/** What a scalar reads from a variable and from the document; the two must agree. */
function read(name: string, value: unknown) {
  const outcomes = [
    () => scalar(name).parseValue(value),
    () => scalar(name).parseLiteral(parseValue(JSON.stringify(value)), {}),
  ].map((work) => {
    try {
      return { value: work() };
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      const { message, extensions } = error;
      const { code } = extensions;
      return { code, message };
    }
  });
  expect(outcomes[1]).toEqual(outcomes[0]);
  return outcomes[0];
}

describe.each<[string, [unknown, unknown, unknown][], unknown[]]>([
  // The scalar; what is read, as what, and how it is written again; what is refused.
  [
    'DateTime',
    [
      ['2026-11-22T10:00:00Z', new Date('2026-11-22T10:00:00Z'), '2026-11-22T10:00:00.000Z'],
      ['2026-11-22t12:00:00.123456+02:00', new Date('2026-11-22T10:00:00.123Z'), '2026-11-22T10:00:00.123Z'],
    ],
    ['2026-11-22T10:00:00', '2026-11-22', '', 'now', 1, true, '2026-11-22T24:00:00Z', '2026-02-30T10:00:00Z'],
  ],
  [
    'LocalDate',
    [['2024-02-29', '2024-02-29', '2024-02-29']],
    ['2026-02-29', '2026-2-1', '2026-11-22T10:00:00Z', 20260101, ''],
  ],
  [
    'TaskDate',
    [
      ['2015-01-05', { day: '2015-01-05' }, '2015-01-05'],
      ['2015-01-10T05:00:00+00:00', { instant: Date.parse('2015-01-10T05:00:00Z') }, '2015-01-10T05:00:00.000Z'],
    ],
    ['2015-01-32', '2015-01-10T05:00:00', 'tomorrow', 0, ''],
  ],
  [
    'TimeZone',
    [
      ['Europe/Paris', 'Europe/Paris', 'Europe/Paris'],
      ['-08:00', '-08:00', '-08:00'],
      ['europe/paris', 'Europe/Paris', 'Europe/Paris'],
    ],
    ['', 'Paris', '-8', -8, '+15:00', 'Z'],
  ],
  [
    'Decimal',
    [
      ['1250.00', '1250.00', '1250.00'],
      ['-0.0000000001', '-0.0000000001', '-0.0000000001'],
      ['9'.repeat(20), '9'.repeat(20), '9'.repeat(20)],
    ],
    [1250, '1,250', '1e3', '.5', '5.', '', 'NaN', '9'.repeat(21), '0.12345678901', ' 1'],
  ],
])('%s', (name, good, bad) => {
  it.each(good)('reads %j', (text, value, written) => {
    expect(read(name, text)).toEqual({ value });
    expect(scalar(name).serialize(value)).toBe(written);
  });

  it.each(bad)('refuses %j, and says what it should be', (value) => {
    expect(read(name, value)).toEqual({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(new RegExp(`^An? ${name} is .*, not `)),
    });
  });

  it('does not repeat a long text', () => {
    const { message } = read(name, 'x'.repeat(100_000)) as { message: string };
    expect(message.length).toBeLessThan(200);
  });
});

describe('JSON', () => {
  const nested = (levels: number): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level += 1) value = [value];
    return value;
  };
  it.each([[null], [true], [1.5], ['text'], [[1, ['2', null]]], [{ a: { b: [] } }]])('reads %j as it is', (value) => {
    expect(scalar('JSON').parseValue(value)).toEqual(value);
    expect(scalar('JSON').serialize(value)).toEqual(value);
  });

  it('is at most 8 levels deep and 16 KiB', () => {
    const code = (value: unknown) => {
      try {
        scalar('JSON').parseValue(value);
        return null;
      } catch (error) {
        const { code: given } = (error as GraphQLError).extensions;
        return given;
      }
    };
    expect([code(nested(8)), code(nested(9))]).toEqual([null, 'BAD_USER_INPUT']);
    expect([code('x'.repeat(16_382)), code('x'.repeat(16_383))]).toEqual([null, 'BAD_USER_INPUT']);
    expect(code('é'.repeat(9_000)), 'in bytes').toBe('BAD_USER_INPUT');
  });

  it('refuses what is far too deep without falling over it', () => {
    expect(() => scalar('JSON').parseValue(nested(100_000))).toThrow(GraphQLError);
  });
});
