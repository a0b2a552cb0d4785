import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/event/cursor.ts';
import { newUid } from '../../src/ids.ts';

const organizationUid = newUid();
const cursors = fc.record({
  organizationUid: fc.constant(organizationUid),
  seq: fc.bigInt(0n, 999_999_999_999_999_999n),
  at: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
});
const halves = fc.record({
  to: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
  taskId: fc.bigInt(0n, 999_999_999_999_999_999n),
});

describe('a log cursor', () => {
  it('reads back as what was written, and needs no escaping in a URL', () => {
    fc.assert(
      fc.property(cursors, fc.option(halves), (place, half) => {
        const cursor = { ...place, ...(half && { half }) };
        const text = encodeCursor(cursor);
        expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(text)).toEqual(cursor);
      }),
    );
  });

  it('is null for every other text, whoever made that up', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => decodeCursor(text) === null));
  });

  it.each([
    '.1.1',
    'x.1.1',
    `${organizationUid}.-1.1`,
    `${organizationUid}.1`,
    `${organizationUid}.1e3.1`,
    `${organizationUid}.1.1.1`,
  ])('is null for %s, however well that is encoded', (text) =>
    expect(decodeCursor(Buffer.from(text).toString('base64url'))).toBeNull(),
  );
});
