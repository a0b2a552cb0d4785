import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { previewOf } from '../../../src/task/detail/rules.ts';
import { graphql } from '../../generated/index.ts';
import type { Caller } from '../../support/gateway.ts';
import { KINDS } from '../arbitrary.ts';
import { type Known, useWorld } from '../world.ts';
import { made, type OfAllKinds, plantKinds, recorded } from './planted.ts';

const DETAIL = graphql(`
  fragment KindsDetail on Task {
    _type objectType objectId
    detail {
      __typename
      ... on IncomingEmailDetail { threadId subject emails { id title } }
      ... on EmailFollowupDetail { threadId email { id } subject bodyPreview }
      ... on MissedCallDetail { call { id } phone localPhone }
      ... on AnsweredDetachedCallDetail { call { id } phone }
      ... on VoicemailDetail { call { id } phone localPhone voicemailDuration voicemailUrl }
      ... on OpportunityDueDetail { opportunity { id name } }
      ... on IncomingSmsDetail { sms { id } remotePhone localPhone text }
    }
  }
`);
const READ = graphql(`
  query KindsRead($id: ID!) { task(id: $id) { ...KindsDetail } }
`);
const LIST = graphql(`
  query KindsList($first: Int) {
    tasks(filter: { _type: { any: true } }, first: $first, orderBy: { field: CREATED_AT }) { nodes { ...KindsDetail } }
  }
`);
void DETAIL;

const world = useWorld();
let all: OfAllKinds;
let limited: Caller;
let thread: string;
const read = async ({ key }: Known, caller = world().member) =>
  (await world().gateway.ask(caller, READ, { id: key })).task;

beforeAll(async () => {
  limited = await world().gateway.member(world().organization, { email: 'lea@ours.example', crmAccess: false });
  all = await plantKinds(world(), { assigneeId: await world().idOf(limited) });
  thread = (
    await world().prisma.task.findFirstOrThrow({
      where: { organizationId: world().organization.id, id: all.tasks.INCOMING_EMAIL.id },
    })
  ).threadId as string;
});

describe('a task of kind', () => {
  const call = { phone: '+15550100', localPhone: '+15550199' };
  const about = (): Record<(typeof KINDS)[number], [type: string | null, id: string | null, detail: object | null]> => {
    const { activities, opportunity } = all;
    const { email, second, sent, missed, answered, voicemail, sms } = activities;
    return {
      LEAD: [null, null, null],
      INCOMING_EMAIL: [
        'emailthread',
        thread,
        {
          __typename: 'IncomingEmailDetail',
          threadId: thread,
          subject: 'Your offer',
          emails: [
            { id: email.key, title: 'Your offer' },
            { id: second.key, title: 'Re: Your offer' },
          ],
        },
      ],
      EMAIL_FOLLOWUP: [
        'emailthread',
        thread,
        {
          __typename: 'EmailFollowupDetail',
          threadId: thread,
          email: { id: sent.key },
          subject: 'Our offer',
          bodyPreview: 'Dear Ann,',
        },
      ],
      MISSED_CALL: ['call', missed.key, { __typename: 'MissedCallDetail', call: { id: missed.key }, ...call }],
      ANSWERED_DETACHED_CALL: [
        'call',
        answered.key,
        { __typename: 'AnsweredDetachedCallDetail', call: { id: answered.key }, phone: null },
      ],
      VOICEMAIL: [
        'call',
        voicemail.key,
        {
          __typename: 'VoicemailDetail',
          call: { id: voicemail.key },
          ...call,
          voicemailDuration: 42,
          voicemailUrl: 'https://voice.example/1.mp3',
        },
      ],
      OPPORTUNITY_DUE: [
        'opportunity',
        opportunity.key,
        { __typename: 'OpportunityDueDetail', opportunity: { id: opportunity.key, name: 'A opportunity' } },
      ],
      INCOMING_SMS: [
        'sms',
        sms.key,
        {
          __typename: 'IncomingSmsDetail',
          sms: { id: sms.key },
          remotePhone: '+15550100',
          localPhone: '+15550199',
          text: 'Call me',
        },
      ],
    };
  };
  const PROVES = {
    LEAD: '[CLOSE-16]',
    INCOMING_EMAIL: '[CLOSE-17]',
    EMAIL_FOLLOWUP: '[CLOSE-18]',
    MISSED_CALL: '[CLOSE-19]',
    ANSWERED_DETACHED_CALL: '[CLOSE-20]',
    VOICEMAIL: '[CLOSE-21]',
    OPPORTUNITY_DUE: '[CLOSE-22]',
    INCOMING_SMS: '[CLOSE-23]',
  };
  it.each(KINDS.map((kind) => [kind, PROVES[kind]] as const))(
    '%s says what it is about, to whoever may see it [CLOSE-15] %s [CLOSE-24]',
    async (kind) => {
      const [objectType, objectId, detail] = about()[kind];
      const expected = { _type: kind, objectType, objectId, detail };
      expect(await read(all.tasks[kind])).toEqual(expected);
      expect(await read(all.tasks[kind], limited), 'without CRM access').toEqual(expected);
    },
  );

  it.each(KINDS)('%s is answered alike in a list', async (kind) => {
    const { tasks } = await world().gateway.ask(limited, LIST, { first: 8 });
    const [objectType, objectId, detail] = about()[kind];
    expect(tasks.nodes.find(({ _type }) => _type === kind)).toEqual({ _type: kind, objectType, objectId, detail });
  });
});

describe('what a task is about', () => {
  const hide = (known: Known, visibility: 'PRIVATE' | 'ORGANIZATION') =>
    world().prisma.activity.update({
      where: { organizationId_id: { organizationId: world().organization.id, id: known.id } },
      data: { visibility },
    });

  it('is null where it is private, and a thread shows what is not', async () => {
    const private_ = await plantKinds(world(), {}, { visibility: 'PRIVATE' });
    for (const kind of [
      'EMAIL_FOLLOWUP',
      'MISSED_CALL',
      'ANSWERED_DETACHED_CALL',
      'VOICEMAIL',
      'INCOMING_SMS',
    ] as const) {
      const shown = await read(private_.tasks[kind], world().admin);
      expect([shown?.detail, shown?.objectType], kind).toEqual([
        null,
        kind === 'EMAIL_FOLLOWUP' ? 'emailthread' : expect.anything(),
      ]);
      if (kind !== 'EMAIL_FOLLOWUP') expect(shown?.objectId, kind).toBeNull();
    }
    const mail = private_.tasks.INCOMING_EMAIL;
    expect(await read(mail)).toMatchObject({ detail: null, objectId: expect.stringMatching(/^thread /) });
    await hide(private_.activities.second, 'ORGANIZATION');
    expect((await read(mail))?.detail).toMatchObject({
      subject: 'Re: Your offer',
      emails: [{ id: private_.activities.second.key, title: 'Re: Your offer' }],
    });
  });

  it('is shown to the private activity’s participants', async () => {
    const participants = [{ userId: Number(await world().idOf(world().member)) }];
    const call = await recorded(world(), 'CALL', { visibility: 'PRIVATE', participants });
    const task = await made(world(), 'MISSED_CALL', { activityId: call.id });
    expect(await read(task)).toMatchObject({ objectId: call.key, detail: { call: { id: call.key } } });
    expect(await read(task, world().admin)).toMatchObject({ objectId: null, detail: null });
  });

  it('is shown when it is in the bin', async () => {
    const binned = await plantKinds(world(), {}, { deletedAt: new Date(), isActive: false });
    const where = { organizationId_id: { organizationId: world().organization.id, id: binned.opportunity.id } };
    await world().prisma.opportunity.update({ where, data: { deletedAt: new Date() } });
    for (const kind of KINDS.filter((each) => each !== 'LEAD')) {
      expect((await read(binned.tasks[kind]))?.detail, kind).not.toBeNull();
    }
  });

  it('is null where nothing was kept of it', async () => {
    const task = await made(world(), 'VOICEMAIL', {});
    expect(await read(task)).toEqual({ _type: 'VOICEMAIL', objectType: 'call', objectId: null, detail: null });
    const call = await recorded(world(), 'CALL');
    const silent = await made(world(), 'VOICEMAIL', { activityId: call.id });
    expect(await read(silent)).toMatchObject({ objectId: call.key, detail: null });
  });

  it('puts an e-mail in sight of those without CRM access whose task gathered it, and of no others', async () => {
    const look = (caller: Caller, known: Known) =>
      world().gateway.ask<{ node: unknown }, object>(caller, 'query ($id: ID!) { node(id: $id) { id } }', {
        id: known.key,
      });
    expect((await look(limited, all.activities.second)).node).toEqual({ id: all.activities.second.key });
    const others = await plantKinds(world());
    expect((await look(limited, others.activities.second)).node).toBeNull();
  });
});

it('a page takes one statement for each kind of thing that it shows, whatever its size [CLOSE-15]', async () => {
  for (let n = 0; n < 4; n += 1) await plantKinds(world());
  const statements = async (first: number) => {
    const [, ...sent] = await world().gateway.statementsOf(() => world().gateway.ask(world().member, LIST, { first }));
    return sent.toSorted();
  };
  const each = ['activity.byIds', 'opportunity.byIds', 'task.emails', 'task.list'];
  expect(await statements(8)).toEqual(each);
  expect(await statements(40)).toEqual(each);
  const without = await world().gateway.statementsOf(() =>
    world().gateway.ask(world().member, '{ tasks(filter: { _type: { any: true } }) { nodes { objectType } } }'),
  );
  expect(without.slice(1)).toEqual(['task.list']);
});

it('many e-mails of one task are shown up to a thousand, the newest, and an answer holds no more than it can', async () => {
  const { prisma, organization, gateway } = world();
  const first = await recorded(world(), 'EMAIL', { threadId: 'long', title: 'The first' });
  const task = await made(world(), 'INCOMING_EMAIL', { activityId: first.id, threadId: 'long' });
  await prisma.$executeRawUnsafe(
    `WITH more AS (
       INSERT INTO activity (organization_id, uid, type, status, direction, thread_id, recording, external_id, title,
         activity_timestamp, duration, location, creator_id, created_at, updated_at)
       SELECT $1, lpad('M' || n, 26, '0'), 'EMAIL', 'COMPLETED', 'INBOUND', 'long', 'EMAIL', 'more ' || n, 'E-mail ' || n,
         timestamptz '2026-04-01' + n * interval '1 min', 0, 'Email', $2, now(), now()
       FROM generate_series(1, 1000) n RETURNING id)
     INSERT INTO task_email (organization_id, task_id, activity_id) SELECT $1, $3, id FROM more`,
    organization.id,
    organization.assistantId,
    task.id,
  );
  const detail = (await read(task))?.detail as { subject: string; emails: { title: string }[] };
  expect([detail.emails.length, detail.subject, detail.emails.at(-1)?.title]).toEqual([
    1000,
    'E-mail 1',
    'E-mail 1000',
  ]);
  const aliases = Array.from({ length: 51 }, (_, n) => `e${n}: emails { id }`).join(' ');
  const query = `query ($id: ID!) { task(id: $id) { detail { ... on IncomingEmailDetail { ${aliases} } } } }`;
  const answer = await gateway.send(world().member, query, { id: task.key });
  expect(answer.errors?.[0]?.extensions['code']).toBe('LIMIT_EXCEEDED');
});

describe('a preview', () => {
  it('is what a text says first, without breaks, or null', () => {
    expect(previewOf(null)).toBeNull();
    expect(previewOf(' \n\t ')).toBeNull();
    expect(previewOf('Hello  Ann,\r\n\r\nhow are you?')).toBe('Hello Ann, how are you?');
    expect(previewOf(`${'\n'.repeat(20_000)}late`)).toBe('late');
  });

  it('has at most 200 whole characters, however the text goes on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 600 }), (text) => {
        const preview = previewOf(text) ?? '';
        const told = text.replace(/\s+/g, ' ').trim();
        expect([...preview].length).toBeLessThanOrEqual(200);
        expect(preview).toBe([...told].slice(0, 200).join('').trim());
        expect(preview.isWellFormed()).toBe(true);
      }),
    );
  });
});
