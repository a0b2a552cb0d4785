import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  kindOfCall,
  line,
  longText,
  parseAddress,
  participantsOf,
  titleOf,
  titleOfEmail,
  titleOfFollowUp,
} from '../../../src/activity/recorded/rules.ts';
import { emailKey } from '../../../src/addresses.ts';
import { isBlank } from '../../../src/limits.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 600 });
const storable = (text: string) => !text.includes('\0') && text.isWellFormed();

describe('a call makes', () => {
  const voicemail = { duration: 1, url: 'https://v.example/1' };
  it.each([
    ['INBOUND', 'MISSED', false, true, 'MISSED_CALL'],
    ['INBOUND', 'MISSED', false, false, 'MISSED_CALL'],
    ['INBOUND', 'MISSED', true, true, 'VOICEMAIL'],
    ['INBOUND', 'ANSWERED', true, false, 'VOICEMAIL'],
    ['INBOUND', 'ANSWERED', false, false, 'ANSWERED_DETACHED_CALL'],
    ['INBOUND', 'ANSWERED', false, true, null],
    ['OUTBOUND', 'MISSED', false, false, null],
    ['OUTBOUND', 'ANSWERED', false, false, null],
  ] as const)(
    '%s %s, voicemail %s, known %s: %s [CLOSE-19] [CLOSE-20] [CLOSE-21]',
    (direction, outcome, has, known, kind) => {
      expect(kindOfCall({ direction, outcome, duration: 0, voicemail: has ? voicemail : null }, known)).toBe(kind);
    },
  );
});

describe('a text from outside', () => {
  it('is one line that can be stored, of 1 to 255 characters, or none', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const kept = line(text);
        if (kept === null) return isBlank(text.replace(/[\0\ud800-\udfff]/g, ''));
        return (
          storable(kept) && !isBlank(kept) && kept === kept.trim() && !/[\n\r]/.test(kept) && [...kept].length <= 255
        );
      }),
    );
  });

  it('is cut to 32 KiB at most and loses no whole character before', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.constantFrom('a', 'é', '€', '📧'), fc.nat(3), (before, unit, more) => {
        const whole = 'a'.repeat(before) + unit.repeat(Math.floor((32_768 - before) / Buffer.byteLength(unit)));
        expect(longText(whole + unit.repeat(more))).toBe(whole);
      }),
      { numRuns: 40 },
    );
    expect(longText('a\0b\ud800c')).toBe('abc');
    expect([longText(''), longText(' \n\u200b\0')]).toEqual([null, null]);
  });
});

describe('an address', () => {
  it.each([
    ['ann@acme.example', null, 'ann@acme.example', 'ann@acme.example'],
    [' <Ann@Acme.example> ', null, 'Ann@Acme.example', 'ann@acme.example'],
    ['Ann Lee <ann@acme.example>', 'Ann Lee', 'ann@acme.example', 'ann@acme.example'],
    ['"Lee, \\"Ann\\" <x>" <ann@acme.example>', 'Lee, "Ann" <x>', 'ann@acme.example', 'ann@acme.example'],
    ['MAILER-DAEMON', 'MAILER-DAEMON', null, null],
    ['Ann <nowhere>', 'Ann', null, null],
    ['<>', null, null, null],
    ['', null, null, null],
    [`${'a'.repeat(250)}@x.example`, `${'a'.repeat(250)}@x.ex`, null, null],
  ])('%j is read', (text, name, email, key) => {
    expect(parseAddress(text)).toEqual({ name, email, key });
  });

  it('can be anything, in a time that grows with its length', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', '\\', '@', ' ', 'a', '\0'), maxLength: 1_000 }),
        (text) => {
          const { name, email, key } = parseAddress(text);
          return (
            key === emailKey(email) && [name, email].every((each) => each === null || (storable(each) && each !== ''))
          );
        },
      ),
    );
  });
});

describe('participants', () => {
  const id = fc.constantFrom('ann@x', 'bo@x', 'cy@x', 'di@x');
  const address = fc.oneof(id, fc.constantFrom('Someone', '', '<>', 'Ann <ann@x>', ' ANN@x'));
  it('are each once, at most a hundred, in their order, and the known known', () => {
    const known = new Map([
      ['ann@x', { user: null, contact: { id: 1n, uid: 'a' } }],
      ['bo@x', { user: { id: 2n, uid: 'b' }, contact: null }],
    ]);
    fc.assert(
      fc.property(fc.array(address, { maxLength: 150 }), (texts) => {
        const people = participantsOf(texts.map(parseAddress), known);
        const marks = people.map(({ user, contact, name, email }) => user?.uid ?? contact?.uid ?? email ?? name);
        expect(new Set(marks).size).toBe(marks.length);
        expect(people.every(({ name, email }) => !(email === 'ann@x' || email === 'bo@x') && name !== '')).toBe(true);
        const first = texts.map(parseAddress).find(({ name, email }) => name !== null || email !== null);
        expect(people.length > 0).toBe(first !== undefined);
      }),
    );
    const many = Array.from({ length: 150 }, (_, index) => parseAddress(`p${index}@x.example`));
    expect(participantsOf(many, known).map(({ email }) => email)).toEqual(many.slice(0, 100).map(({ email }) => email));
  });
});

describe('a title', () => {
  it('has 1 to 255 characters, whatever names and subjects there are', () => {
    const text = fc.option(
      anyText.map((each) => line(each)),
      { nil: null },
    );
    fc.assert(
      fc.property(text, text, text, (subject, name, phone) => {
        const from = parseAddress(phone ?? '');
        const titles = [
          titleOf('VOICEMAIL', name, phone),
          titleOfEmail(subject, name, from),
          titleOfFollowUp(subject, name, from),
        ];
        return titles.every((title) => title.trim() === title && [...title].length >= 1 && [...title].length <= 255);
      }),
    );
  });
});
