import { beforeAll, describe, expect, it } from 'vitest';
import { type Caller, useGateway } from '../support/gateway.ts';
import { bearer, TRANSPORTS } from './callers.ts';

const gateway = useGateway();
/** Chose a zone; chose none, in an organization of New York. */
let ada: Caller;
let bob: Caller;

beforeAll(async () => {
  const organization = await gateway().organization('A', 'America/New_York');
  ada = await gateway().member(organization, { email: 'ada@a.example', timeZone: 'Europe/Paris' });
  bob = await gateway().member(organization, { email: 'bob@a.example' });
});

describe.each(TRANSPORTS)('over $transport the zone of a request', ({ call, refused }) => {
  const zone = async (headers: Record<string, string>, { token }: Caller = ada) => {
    const { viewer, ...answer } = await call(gateway(), { ...bearer(token), ...headers });
    return viewer?.timeZone ?? answer;
  };

  it('is the person’s, else the organization’s', async () => {
    expect([await zone({}), await zone({}, bob)]).toEqual(['Europe/Paris', 'America/New_York']);
  });

  it('is that of X-Time-Zone before X-TZ-Offset, before the person’s [CLOSE-08]', async () => {
    expect(await zone({ 'X-Time-Zone': 'Asia/Tokyo', 'X-TZ-Offset': '-8' })).toBe('Asia/Tokyo');
    expect(await zone({ 'X-TZ-Offset': '-8' })).toBe('-08:00');
    expect(await zone({ 'x-tz-offset': '-8' }, bob)).toBe('-08:00');
  });

  it.each([
    ['-8', '-08:00'],
    ['-08', '-08:00'],
    ['5', '+05:00'],
    ['+5', '+05:00'],
    ['5.5', '+05:30'],
    ['+5.5', '+05:30'],
    ['-3.5', '-03:30'],
    ['5.75', '+05:45'],
    ['-9.5', '-09:30'],
    ['-0.5', '-00:30'],
    ['12.75', '+12:45'],
    ['0', '+00:00'],
    ['-0', '+00:00'],
    ['14', '+14:00'],
    ['-12', '-12:00'],
  ])('is, of X-TZ-Offset: %s, %s [CLOSE-08]', async (offset, name) => {
    expect(await zone({ 'X-TZ-Offset': offset })).toBe(name);
  });

  it.each([
    ['Europe/Paris', 'Europe/Paris'],
    ['europe/paris', 'Europe/Paris'],
    ['UTC', 'UTC'],
    ['America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['Etc/GMT+8', 'Etc/GMT+8'],
    ['-08:00', '-08:00'],
    ['+05:45', '+05:45'],
  ])('is, of X-Time-Zone: %s, %s', async (text, name) => {
    expect(await zone({ 'X-Time-Zone': text })).toBe(name);
  });

  it.each([
    ...['junk', '', '8 hours', '-13', '14.25', '15', '5.', '.5', '1e1', '05:30', '-8,-8', '0x5', '5.123'].map(
      (text) => ['X-TZ-Offset', text],
    ),
    ...['Mars/Olympus', '', '-8', '+14:01', '-12:30', '+5:30', '../UTC', 'x'.repeat(100)].map((text) => [
      'X-Time-Zone',
      text,
    ]),
  ])('is asked for again of %s: %j [CLOSE-08]', async (header, text) => {
    const answer = await zone({ [header as string]: text as string });
    expect(answer).toMatchObject({ status: refused.BAD_USER_INPUT, code: 'BAD_USER_INPUT' });
    expect(answer).toHaveProperty('message', expect.stringContaining(header as string));
  });

  it('is no matter of someone whose credentials are bad', async () => {
    expect(await call(gateway(), { ...bearer('junk'), 'X-Time-Zone': 'junk' })).toMatchObject({
      code: 'UNAUTHENTICATED',
    });
  });
});
