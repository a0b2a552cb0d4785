import { addDays } from '../time.ts';
import type { Dice } from './dice.ts';
import type { AccountStory, LeadStory, OpportunityStory, PersonStory, Setting } from './story.ts';
import { AREA_CODES, CURRENCIES, FIRST_NAMES, LAST_NAMES, PRODUCTS, SOURCES, TAGS } from './words.ts';

const DAY_MS = 86_400_000;
const LEAD_STATUSES = ['NEW', 'NEW', 'CONTACTED', 'QUALIFIED', 'NURTURING', 'UNQUALIFIED', 'LOST'] as const;

/** A moment so many days ago, at some time of the day, never after now. */
export const ago = (dice: Dice, { now }: Setting, from: number, to: number) =>
  now - Math.round(dice.between(to, from) * DAY_MS) - 60_000;

export function accountOf(dice: Dice, setting: Setting, name: string, index: number): AccountStory {
  const host = name.toLowerCase().replace(/[^a-z]+/g, '');
  const at = setting.now - 60 * DAY_MS + index * 60_000;
  return { at, owner: index % setting.people, name, domain: `${host}.example`, tags: dice.some(TAGS, 2) };
}

/** Nobody has the number of another, or calls would be taken for theirs. */
const phoneOf = (place: number) =>
  `+1 ${AREA_CODES[Math.floor(place / 100)]} 555 01${String(place % 100).padStart(2, '0')}`;

const personOf = (index: number, place: number) => {
  const firstName = FIRST_NAMES[index % FIRST_NAMES.length] as string;
  const lastName = LAST_NAMES[(index * 5 + Math.floor(index / FIRST_NAMES.length)) % LAST_NAMES.length] as string;
  return { firstName, lastName, phone: phoneOf(place) };
};
const addressOf = (firstName: string, lastName: string, host: string) =>
  `${firstName}.${lastName}@${host}`
    .toLowerCase()
    .normalize('NFD')
    .replace(/[^a-z.@]/g, '');

export function contactOf(dice: Dice, setting: Setting, accounts: readonly AccountStory[], index: number): PersonStory {
  const person = personOf(index, index);
  const account = index % 12 === 11 ? null : index % accounts.length;
  const of = account === null ? null : (accounts[account] as AccountStory);
  const email = addressOf(person.firstName, person.lastName, of?.domain ?? 'mail.example');
  return { ...person, email, account, owner: of?.owner ?? 0, at: ago(dice, setting, 59, 40) };
}

export function leadOf(dice: Dice, setting: Setting, index: number): LeadStory {
  // After the contacts’ numbers.
  const person = personOf(index + 7, index + 120);
  const company = `${dice.one(LAST_NAMES)} ${dice.one(['Ltd', 'GmbH', 'SARL', 'Inc', 'AB'])}`;
  const email = addressOf(person.firstName, person.lastName, `${company.split(' ')[0]}.example`);
  const owner = dice.below(setting.people);
  const source = dice.one(SOURCES);
  return { ...person, company, email, source, status: dice.one(LEAD_STATUSES), owner, at: ago(dice, setting, 39, 1) };
}

export function opportunityOf(
  dice: Dice,
  setting: Setting,
  accounts: readonly AccountStory[],
  contacts: readonly PersonStory[],
  index: number,
): OpportunityStory {
  // Acme's come first.
  const account = (index * 7) % accounts.length;
  const contact = contacts.findIndex((one) => one.account === account);
  const { name, owner } = accounts[account] as AccountStory;
  const status = index % 6 === 4 ? 'WON' : index % 6 === 5 ? 'LOST' : 'OPEN';
  return {
    ...{ name: `${name}: ${dice.one(PRODUCTS)}`, account, contact: contact < 0 ? null : contact, status, owner },
    value: `${dice.below(90) + 10}00.00`,
    currency: dice.one(CURRENCIES),
    // A fifth of what is open was to close by now: of that the organization was told on the day.
    closeDate: addDays(setting.today, status === 'OPEN' ? dice.below(60) - 12 : -dice.below(30) - 1),
    at: ago(dice, setting, 38, 20),
  };
}
