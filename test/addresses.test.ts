import { describe, expect, it } from 'vitest';
import { emailKey, formatPhone, phoneKey } from '../src/addresses.ts';

describe('a number', () => {
  it.each([
    ['+1 (415) 555-0100', '+14155550100'],
    ['0049 151 23456789', '+4915123456789'],
    ['+49 (0)151 23456789', '+4915123456789'],
    ['tel:+1-201-555-0123', '+12015550123'],
    ['+1 415 555 0100 x12', '+14155550100'],
    ['\u202a+49 (0)151 23456789\u202c', '+4915123456789'],
    ['\u200e0049 151\u2060 23456789', '+4915123456789'],
  ])('that parses is kept in E.164: %s', (text, number) => {
    expect(formatPhone(text)).toBe(number);
  });

  it.each(['anonymous', '089 1234', '+', '+266696687', 'sip:ada@acme.example', 'Call +1 415 555 0100 now'])(
    'that does not is kept as it came: %s',
    (text) => {
      expect(formatPhone(` ${text} `)).toBe(text);
    },
  );

  it('is kept without the marks that are not seen', () => {
    expect(formatPhone('\u202a089 1234\u202c')).toBe('089 1234');
    expect(formatPhone(' \u200e ')).toBeNull();
  });

  it.each([null, undefined, '', '  '])('that was withheld is none: %s', (text) => {
    expect(formatPhone(text)).toBeNull();
    expect(phoneKey(text)).toBeNull();
  });

  it('has one key in all its spellings', () => {
    const spellings = ['+1 (415) 555-0100', '001 415 555 0100', '14155550100', 'sip:+14155550100@10.0.0.1:5060'];
    expect(new Set(spellings.map(phoneKey))).toEqual(new Set(['14155550100']));
    // Its digits alone would be another key, with the zero.
    expect(phoneKey('\u202a+49 (0)151 23456789\u202c')).toBe('4915123456789');
  });

  it('without a digit has no key, or all that is withheld would be one caller', () => {
    expect(phoneKey('anonymous')).toBeNull();
  });

  it('is not read at any length', () => {
    const long = `+1${'4'.repeat(300)}`;
    expect(formatPhone(long)).toBe(long);
    expect(phoneKey(long)).toHaveLength(100);
  });
});

describe('an address', () => {
  it('has one key in all its spellings', () => {
    expect(emailKey(' Ada@Acme.Example ')).toBe('ada@acme.example');
    expect(emailKey('')).toBeNull();
  });
});
