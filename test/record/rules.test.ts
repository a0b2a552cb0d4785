import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyToContact, blankContact, contactName } from '../../src/contact/rules.ts';
import { applyToLead, blankLead, type LeadStatus, leadName } from '../../src/lead/rules.ts';
import { applyToOpportunity, blankOpportunity, tidyDecimal } from '../../src/opportunity/rules.ts';

describe('a value', () => {
  it.each([
    ['1250', '1250.00'],
    ['1250.0000000000', '1250.00'],
    ['0.5', '0.50'],
    ['0.125', '0.125'],
    ['007', '7.00'],
    ['00.10', '0.10'],
    ['-3.1', '-3.10'],
    ['-0', '0.00'],
    ['-0.000', '0.00'],
    ['99999999999999999999.9999999999', '99999999999999999999.9999999999'],
    ['0.0000000001', '0.0000000001'],
  ])('%s is written %s', (given, written) => {
    expect(tidyDecimal(given)).toBe(written);
  });

  it('is the same number in one spelling, whatever zeros stand around it', () => {
    const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
    fc.assert(
      fc.property(fc.boolean(), digits(20), fc.option(digits(10)), (negative, whole, fraction) => {
        const text = `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`;
        const scaled = (of: string) => {
          const [, sign, before, after = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(of) as unknown as string[];
          return BigInt(`${before}${after.padEnd(10, '0')}`) * (sign === '-' ? -1n : 1n);
        };
        const tidy = tidyDecimal(text);
        expect(scaled(tidy)).toBe(scaled(text));
        expect(tidy).toMatch(/^-?(0|[1-9]\d*)\.\d{2,10}$/);
        expect(tidyDecimal(`${tidy}0`)).toBe(tidy);
      }),
    );
  });
});

const text = fc.option(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).filter((each) => each.trim() !== ''),
);

describe('a person', () => {
  it('is called by their name, else by what else is known, in at most 255 characters', () => {
    const of = (known: Partial<typeof blankLead>) => leadName({ ...blankLead, ...known });
    expect(of({ firstName: 'Ada', lastName: 'Byron', company: 'x' })).toBe('Ada Byron');
    expect(of({ lastName: 'Byron', email: 'x' })).toBe('Byron');
    expect(of({ company: 'Acme', email: 'x' })).toBe('Acme');
    expect(of({ email: 'ada@acme.example', phone: '1' })).toBe('ada@acme.example');
    expect(of({ phone: '1' })).toBe('1');
    expect(contactName({ ...blankContact, email: 'a@b.c', phone: '1' })).toBe('a@b.c');
  });

  it('has a name that the database takes whenever they are not refused', () => {
    fc.assert(
      fc.property(text, text, text, text, text, (firstName, lastName, company, email, phone) => {
        const patch = { firstName, lastName, email, phone };
        for (const [applied, nameOf] of [
          [applyToContact(blankContact, patch, []), contactName],
          [applyToLead(blankLead, { ...patch, company }, []), leadName],
        ] as const) {
          if (!applied.ok) continue;
          const name = nameOf(applied.state as never);
          expect([...name].length).toBeGreaterThanOrEqual(1);
          expect([...name].length).toBeLessThanOrEqual(255);
        }
      }),
    );
  });

  it('is refused when nothing is known of them, at the field that was taken away', () => {
    const known = { ...blankContact, email: 'ada@acme.example' };
    const told = (applied: ReturnType<typeof applyToContact>) =>
      applied.ok ? [] : applied.refusals.map(({ code, path }) => `${code} ${path.join('.')}`);
    expect(told(applyToContact(blankContact, {}, []))).toEqual(['INVALID firstName']);
    expect(told(applyToContact(known, { email: null }, ['patch']))).toEqual(['INVALID patch.email']);
    expect(told(applyToContact(known, { email: ' ', phone: '1' }, ['patch']))).toEqual([]);
  });
});

describe('a lead’s status [PARSA-45]', () => {
  const STATUSES: LeadStatus[] = ['NEW', 'CONTACTED', 'QUALIFIED', 'NURTURING', 'UNQUALIFIED', 'CONVERTED', 'LOST'];
  it.each(STATUSES.flatMap((from) => STATUSES.map((to) => [from, to] as const)))('from %s to %s', (from, to) => {
    const applied = applyToLead({ ...blankLead, firstName: 'Leo', status: from }, { status: to }, ['patch']);
    const refused = applied.ok ? null : applied.refusals.map(({ code }) => code).join();
    const expected = from === to ? null : from === 'CONVERTED' ? 'NOT_ALLOWED' : to === 'CONVERTED' ? 'INVALID' : null;
    expect(refused).toBe(expected);
  });
});

describe('an opportunity', () => {
  const account = (id: bigint) => ({ id, uid: `A${id}`, accountId: id });
  const contact = (id: bigint, accountId: bigint | null) => ({ id, uid: `C${id}`, accountId });
  const deal = { ...blankOpportunity, name: 'Deal' };
  const told = (...given: Parameters<typeof applyToOpportunity>) => {
    const applied = applyToOpportunity(...given);
    return applied.ok ? [] : applied.refusals.map(({ code, path }) => `${code} ${path.join('.')}`);
  };

  it('names a contact or lead of its own account, or of none, or has none itself', () => {
    for (const field of ['contact', 'lead'] as const) {
      expect(told(deal, { account: account(1n), [field]: contact(1n, 1n) }, [])).toEqual([]);
      expect(told(deal, { account: account(1n), [field]: contact(1n, null) }, [])).toEqual([]);
      expect(told(deal, { [field]: contact(1n, 2n) }, [])).toEqual([]);
      expect(told(deal, { account: account(1n), [field]: contact(1n, 2n) }, [])).toEqual([`INVALID ${field}Id`]);
    }
  });

  it('is refused where the contradiction came in', () => {
    const before = { ...deal, account: account(1n), contact: contact(1n, 1n) };
    expect(told(before, { account: account(2n) }, ['patch'])).toEqual(['INVALID patch.accountId']);
    expect(told(before, { contact: contact(2n, 3n) }, ['patch'])).toEqual(['INVALID patch.contactId']);
    expect(told(before, { account: account(2n), contact: contact(2n, 2n) }, ['patch'])).toEqual([]);
    expect(told(before, { account: null }, ['patch'])).toEqual([]);
    // What came apart by the contact's own move is nobody's mistake here.
    expect(told({ ...before, contact: contact(1n, 9n) }, { name: 'Other' }, ['patch'])).toEqual([]);
  });
});
