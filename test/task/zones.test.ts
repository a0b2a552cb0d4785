import { beforeAll, describe, expect, it } from 'vitest';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { page, walk } from './pages.ts';
import { useWorld, World } from './world.ts';

// Noon in UTC: the 12th everywhere from -12:00 to +11:59.
const world = useWorld({ now: () => new Date('2015-01-12T12:00:00Z') });

/** Close's own example, out of order. */
const EXAMPLE = [
  { title: 'at eight', instant: Date.parse('2015-01-12T08:00:00Z') },
  { title: 'the day', day: '2015-01-12' },
  { title: 'at seven', instant: Date.parse('2015-01-12T07:00:00Z') },
  { title: 'undated' },
];
const AT_MINUS_8 = ['at seven', 'the day', 'at eight', 'undated'];
const IN_UTC = ['the day', 'at seven', 'at eight', 'undated'];

const LIST = graphql(`
  query TaskRoomZones($timeZone: TimeZone, $direction: OrderDirection!, $first: Int, $after: String) {
    viewer { timeZone }
    tasks(timeZone: $timeZone, orderBy: [{ field: DATE, direction: $direction }], first: $first, after: $after) {
      edges { cursor node { id title view(timeZone: $timeZone) isOverdue(timeZone: $timeZone) } }
    }
  }
`);

interface Way {
  readonly timeZone?: string;
  readonly headers?: Record<string, string>;
}
async function titles(of: World, caller: Caller, { timeZone, headers }: Way = {}, direction: 'ASC' | 'DESC' = 'ASC') {
  const { tasks } = await of.gateway.ask(caller, LIST, { direction, timeZone: timeZone ?? null }, headers);
  return tasks.edges.map(({ node }) => node.title);
}

beforeAll(() => world().tasks(EXAMPLE));

const PACIFIC = { 'x-time-zone': '-08:00' };
const ways: [string, Way][] = [
  ['the argument timeZone', { timeZone: '-08:00' }],
  ['the argument, by a name', { timeZone: 'America/Los_Angeles' }],
  ['the header X-Time-Zone', { headers: PACIFIC }],
  ['the header X-TZ-Offset [CLOSE-08]', { headers: { 'x-tz-offset': '-8' } }],
];

describe('Close’s example at -8', () => {
  it.each(ways)('holds by %s, in both directions [CLOSE-07] [CLOSE-09]', async (_name, way) => {
    expect(await titles(world(), world().admin, way)).toEqual(AT_MINUS_8);
    expect(await titles(world(), world().admin, way, 'DESC')).toEqual(['at eight', 'the day', 'at seven', 'undated']);
  });

  it('holds by the user’s zone, in both directions [CLOSE-07] [CLOSE-09]', async () => {
    const { gateway, organization } = world();
    const caller = await gateway.member(organization, { email: 'la@ours.example', timeZone: 'America/Los_Angeles' });
    expect(await titles(world(), caller)).toEqual(AT_MINUS_8);
    expect((await titles(world(), caller, {}, 'DESC')).slice(0, 3)).toEqual(AT_MINUS_8.slice(0, 3).reverse());
  });

  it('holds by the organization’s zone, in both directions [CLOSE-07] [CLOSE-09]', async () => {
    const far = await World.make(world().gateway, '-08:00');
    await far.tasks(EXAMPLE);
    expect(await titles(far, far.admin)).toEqual(AT_MINUS_8);
    expect((await titles(far, far.admin, {}, 'DESC')).slice(0, 3)).toEqual(AT_MINUS_8.slice(0, 3).reverse());
  });

  it('does not hold in UTC, nor at +8, which is what POSIX takes -8 for', async () => {
    expect(await titles(world(), world().admin)).toEqual(IN_UTC);
    expect(await titles(world(), world().admin, { timeZone: '+08:00' })).toEqual(IN_UTC);
    expect(await titles(world(), world().admin, { headers: { 'x-tz-offset': '8' } })).toEqual(IN_UTC);
  });

  it('holds over pages of one, forward and backward [CLOSE-09]', async () => {
    const args = { timeZone: '-08:00' };
    const whole = await page(world(), world().admin, args);
    for (const backward of [false, true]) {
      const { entries } = await walk(world(), world().admin, args, 1, backward);
      expect(entries).toEqual(whole.entries);
    }
  });
});

describe('of several zones', () => {
  const zoneOf = async (caller: Caller, headers?: Record<string, string>) =>
    (await world().gateway.ask(caller, LIST, { direction: 'ASC' }, headers)).viewer.timeZone;

  it('the argument wins over both headers', async () => {
    const headers = { 'x-time-zone': 'UTC', 'x-tz-offset': '0' };
    expect(await titles(world(), world().admin, { timeZone: '-08:00', headers })).toEqual(AT_MINUS_8);
    expect(await titles(world(), world().admin, { timeZone: 'UTC', headers: PACIFIC })).toEqual(IN_UTC);
  });

  it('X-Time-Zone wins over X-TZ-Offset, that over the user’s, that over the organization’s', async () => {
    const far = await World.make(world().gateway, 'Asia/Tokyo');
    const settled = await far.gateway.member(far.organization, {
      email: 'paris@ours.example',
      timeZone: 'Europe/Paris',
    });
    expect(await zoneOf(settled, { ...PACIFIC, 'x-tz-offset': '5.5' })).toBe('-08:00');
    expect(await zoneOf(settled, { 'x-tz-offset': '5.5' })).toBe('+05:30');
    expect(await zoneOf(settled)).toBe('Europe/Paris');
    expect(await zoneOf(far.admin)).toBe('Asia/Tokyo');
  });

  it('one that is none is refused, wherever it stands', async () => {
    for (const headers of [
      { 'x-time-zone': 'Nowhere' },
      { 'x-tz-offset': 'noon' },
      { 'x-time-zone': '', 'x-tz-offset': '-8' },
    ]) {
      const { errors } = await world().gateway.send(
        world().admin,
        LIST,
        { direction: 'ASC' },
        headers as Record<string, string>,
      );
      expect(errors, JSON.stringify(headers)).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
    const { errors } = await world().gateway.send(world().admin, LIST, { direction: 'ASC', timeZone: 'Nowhere' });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('a task’s own view', () => {
  it('is judged in the zone of the argument, else of the request', async () => {
    const asked = async (way: Way) => {
      const args = { direction: 'ASC', timeZone: way.timeZone ?? null } as const;
      const { tasks } = await world().gateway.ask(world().admin, LIST, args, way.headers);
      return tasks.edges.find(({ node }) => node.title === 'the day')?.node;
    };
    // At noon in UTC it is the 13th at +14, and still the 12th at -8.
    expect(await asked({ timeZone: '+14:00' })).toMatchObject({ view: 'INBOX', isOverdue: true });
    expect(await asked({ headers: { 'x-tz-offset': '14' } })).toMatchObject({ view: 'INBOX', isOverdue: true });
    expect(await asked({ headers: PACIFIC })).toMatchObject({ view: 'INBOX', isOverdue: false });
    // At -12 the 12th has just begun.
    expect(await asked({ timeZone: '-12:00' })).toMatchObject({ view: 'INBOX', isOverdue: false });
  });
});
