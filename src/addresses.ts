import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

// How people and their telephones are recognised. What they are kept as is as they came; what they are compared by is this.

/** Without marks that are not seen: address books put those of direction around numbers. */
const seen = (text: string): string => text.replace(/\p{Cf}/gu, '');

// Beyond any number there is: what is longer is not read as one.
const MAX_NUMBER = 100;

function parsed(text: string): string | null {
  if (text.length > MAX_NUMBER) return null;
  // `tel:` is how telephones write it, 00 what one dials where others write +.
  const plain = seen(text)
    .replace(/^\s*(tel:)?\s*/i, '')
    .replace(/^00(?=[1-9])/, '+');
  const number = parsePhoneNumberFromString(plain, { extract: false });
  return number?.isPossible() ? number.number : null;
}

/** A number in E.164 where it parses (`+14155550100`), else as it is seen; null when it was withheld. */
export const formatPhone = (text: string | null | undefined): string | null => {
  const tidy = (text && seen(text).trim()) || null;
  return tidy && (parsed(tidy) ?? tidy);
};

/**
 * What two spellings of one number have in common: its digits, those of E.164 where it parses. Null for what has none. An
 * extension is left out, since who calls from one shows the number, and so is the host of a SIP address.
 */
export function phoneKey(text: string | null | undefined): string | null {
  if (text == null) return null;
  const [number = ''] = (parsed(text) ?? text).split('@');
  return number.replace(/\D/g, '').slice(0, MAX_NUMBER) || null;
}

/** What two spellings of one address have in common. */
export const emailKey = (text: string | null | undefined): string | null => text?.trim().toLowerCase() || null;
