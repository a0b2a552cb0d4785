import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeId, encodeId, encodeLogId, type IdType, newUid, uidOf } from '../../src/ids.ts';

const TYPES: IdType[] = [
  'User',
  'Organization',
  'Membership',
  'ApiKey',
  'Account',
  'Contact',
  'Lead',
  'Opportunity',
  'Activity',
  'Task',
  'Pipeline',
  'Stage',
];

describe('an id', () => {
  it.each(TYPES)('of a %s comes back as its type and ULID, and is of no other type', (type) => {
    const uid = newUid();
    expect(decodeId(encodeId(type, uid))).toEqual({ type, uid, seq: null });
    expect(TYPES.filter((other) => uidOf(other, encodeId(type, uid)) !== null)).toEqual([type]);
  });

  it.each(['Event', 'Notification'] as const)('of what lives in the log has its place there: %s', (type) => {
    const uid = newUid();
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (seq) => {
        expect(decodeId(encodeLogId(type, uid, seq))).toEqual({ type, uid, seq });
      }),
    );
    expect(decodeId(encodeLogId(type, uid, 1n).replace(/-1$/, '')), 'without its place').toBeNull();
  });

  it('is prefixed, so that people can tell what it is of', () => {
    expect(encodeId('Task', newUid())).toMatch(/^task_[0-9A-Z]{26}$/);
    expect(encodeId('Account', newUid())).toMatch(/^acct_/);
  });

  it('is nothing else, whatever it is', () => {
    const uid = newUid();
    const junk = [
      '',
      'task_',
      uid,
      `Task_${uid}`,
      `nope_${uid}`,
      `task_${uid}-1`,
      `task_${uid.toLowerCase()}`,
      ` task_${uid}`,
      `task_${uid}\n`,
      `constructor_${uid}`,
      `evt_${uid}-${'9'.repeat(19)}`,
      `evt_${uid}--1`,
    ];
    expect(junk.filter((text) => decodeId(text) !== null)).toEqual([]);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(decodeId(text)).toBeNull();
      }),
    );
  });

  it('sorts by when it was made, within a millisecond too', () => {
    const made = Array.from({ length: 1_000 }, newUid);
    expect(made).toEqual([...new Set(made)].sort());
  });
});
