// What the demo is told in. Addresses end in .example and telephone numbers begin with 555-01: they are nobody's.

/** Beside the four by whom the README signs in. */
export const COLLEAGUES = [
  ['Nora Nowak', 'Europe/Warsaw'],
  ['Sam Sato', 'Asia/Tokyo'],
  ['Priya Patel', 'Asia/Kolkata'],
  ['Diego Díaz', 'America/Bogota'],
  ['Emma Eriksson', 'Europe/Stockholm'],
  ['Kofi Konan', 'Africa/Abidjan'],
] as const;

export const COMPANIES = [
  'Acme',
  'Blue Harbor',
  'Cedar & Sons',
  'Delta Freight',
  'Evergreen Labs',
  'Foxglove Books',
  'Granite Works',
  'Hilltop Dairy',
  'Ironwood Tools',
  'Juniper Hotels',
  'Kestrel Air',
  'Lantern Media',
  'Maple Street Bank',
  'Northwind Energy',
  'Oak & Anchor',
  'Pinecrest Clinics',
  'Quarry Stone',
  'Riverside Foods',
  'Saffron Travel',
  'Tidewater Marine',
  'Umbra Optics',
  'Velvet Theatre',
  'Willow Gardens',
  'Xenon Lighting',
  'Yarrow Pharma',
  'Zephyr Bikes',
  'Amber Insurance',
  'Birch Furniture',
  'Cobalt Mining',
  'Dune Outfitters',
  'Echo Studios',
  'Fathom Diving',
  'Glacier Water',
  'Harvest Moon Bakery',
  'Indigo Fabrics',
  'Jade Ceramics',
  'Keystone Legal',
  'Lighthouse School',
  'Meadow Farms',
  'Nimbus Weather',
] as const;

export const FIRST_NAMES = [
  'Alice',
  'Bruno',
  'Chen',
  'Dalia',
  'Elif',
  'Farid',
  'Grace',
  'Hugo',
  'Ines',
  'Jonas',
  'Keiko',
  'Liam',
  'Mona',
  'Nils',
  'Olga',
  'Pablo',
  'Ruth',
  'Stefan',
  'Tara',
  'Uma',
  'Viktor',
  'Wanda',
  'Yusuf',
  'Zoe',
] as const;

export const LAST_NAMES = [
  'Andersen',
  'Brandt',
  'Costa',
  'Dubois',
  'Evans',
  'Fischer',
  'García',
  'Haddad',
  'Ivanova',
  'Jensen',
  'Kowalski',
  'Lindqvist',
  'Moreau',
  'Nakamura',
  'Okafor',
  'Petrov',
  'Quinn',
  'Rossi',
  'Silva',
  'Tanaka',
  'Usman',
  'Varga',
  'Weber',
] as const;

/** A hundred numbers each. */
export const AREA_CODES = ['202', '303'] as const;
/** Of whom nobody has heard. */
export const STRANGERS = '+1 808 555 01';

/** What people write. */
export const WRITTEN = {
  INCOMING_EMAIL:
    'Thank you for the offer.\n\nCould you tell us whether the set-up is included, and by when we would have to decide?',
  AGAIN: 'One more question: may we pay in two parts?',
  EMAIL_FOLLOWUP:
    'As promised, the price list is attached.\n\nPlease tell me whether you would like to see a demonstration.',
  INCOMING_SMS: 'Can you call me back this afternoon?',
} as const;

export const SOURCES = ['Web form', 'Referral', 'Trade fair', 'Newsletter', 'Partner'] as const;
export const PRODUCTS = ['Annual plan', 'Pilot', 'Extension', 'Training package', 'Migration'] as const;
export const CURRENCIES = ['EUR', 'USD', 'GBP'] as const;
export const TAGS = ['renewal', 'billing', 'vip', 'onboarding', 'legal', 'q4'] as const;

/** What a task of each type says. `{name}` is its record. */
export const TITLES = {
  FOLLOW_UP: ['Follow up with {name}', 'Ask {name} how it went'],
  REVIEW: ['Review {name}’s contract', 'Go through {name}’s usage'],
  APPROVAL: ['Approve the discount for {name}', 'Sign off {name}’s order'],
  CUSTOM: ['Send {name} the welcome box', 'Update {name}’s floor plan'],
  CALL: ['Call {name} about the renewal', 'Call {name} back'],
  EMAIL: ['Send {name} the price list', 'Answer {name}’s questions in writing'],
  MESSAGE: ['Text {name} the new address', 'Message {name} that it has shipped'],
  MEETING: ['Prepare the meeting with {name}', 'Find a date with {name}'],
  CHAT: ['Pick up the chat with {name}', 'Close the open chat of {name}'],
  PROPOSAL: ['Write the proposal for {name}', 'Send {name} the renewal offer'],
  NOTE: ['Note who decides at {name}', 'Write down what {name} asked for'],
  TASK: ['Chase {name}’s late invoice', 'Correct {name}’s delivery address'],
  DEMO: ['Show {name} the new dashboard', 'Prepare the demo for {name}'],
} as const;

export const ACTIVITIES = {
  CALL: ['Call with {name}', 'Phone'],
  EMAIL: ['E-mails with {name}', 'Email'],
  MEETING: ['Meeting with {name}', 'Their office'],
  SITE_VISIT: ['Visit at {name}', 'On site'],
  CHAT: ['Chat with {name}', 'Website'],
  SMS: ['Texts with {name}', 'SMS'],
  REVIEW: ['Quarterly review with {name}', 'Video call'],
  PRESENTATION: ['Presentation for {name}', 'Video call'],
  TRAINING: ['Training at {name}', 'Training room 2'],
} as const;

export const OUTCOMES = [
  'They are happy.',
  'They need a second offer.',
  'Left a message.',
  'Agreed on a date.',
] as const;

/** Two ways of working, as people set them up. */
export const PIPELINES = [
  {
    name: 'Proposals',
    stages: [
      { name: 'Drafted', color: '#8A94A6', isDefault: true, isWon: false },
      { name: 'Sent for review', color: '#3B82F6', isDefault: false, isWon: false },
      { name: 'Approved', color: '#A855F7', isDefault: false, isWon: false },
      { name: 'Done', color: '#22C55E', isDefault: false, isWon: true },
    ],
  },
  {
    name: 'Onboarding',
    stages: [
      { name: 'Kick-off', color: '#F59E0B', isDefault: true, isWon: false },
      { name: 'Set-up', color: '#3B82F6', isDefault: false, isWon: false },
      { name: 'Training', color: '#A855F7', isDefault: false, isWon: false },
      { name: 'Live', color: '#22C55E', isDefault: false, isWon: true },
    ],
  },
] as const;
