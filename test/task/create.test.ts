import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { CreateTaskInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { useWorld } from './world.ts';
import { granted, refusals, writesOf, written } from './writes.ts';

const NOW = new Date('2026-01-12T10:00:00.123Z');
const world = useWorld({ now: () => NOW });
const admin = () => writesOf(world(), world().admin);
let accountId: string;
const create = (input: Partial<CreateTaskInput>) => admin().create({ title: 'Call', accountId, ...input });

beforeAll(async () => {
  accountId = (await world().record('ACCOUNT')).key;
});

describe('a new task', () => {
  it('of a title and an account has all else by default [THENA-T02] [THENA-T03] [THENA-T08] [THENA-T09] [THENA-T13] [THENA-T14] [THENA-T15] [CLOSE-30]', async () => {
    const task = granted(await create({ title: 'Call back' }));
    expect(task).toEqual({
      id: expect.stringMatching(/^task_[0-9A-Z]{26}$/), // [THENA-T12]
      _type: 'LEAD', // [CLOSE-16]
      type: 'FOLLOW_UP', // [THENA-T07]
      category: null,
      audience: null,
      status: 'PENDING', // [THENA-T08] [PARSA-08]
      priority: 'LOW', // [THENA-T09]
      title: 'Call back',
      description: null, // [THENA-T06]
      date: null,
      isComplete: false,
      completedAt: null,
      completedBy: null,
      outcome: null,
      linkedRecord: { __typename: 'Account', id: accountId },
      account: { id: accountId },
      contact: null,
      lead: null,
      opportunity: null,
      assignee: null,
      creator: { id: world().admin.userId }, // [THENA-T14]
      attachmentUrls: [], // [THENA-T10]
      tags: [],
      isActive: true, // [THENA-T13]
      createdAt: NOW.toISOString(), // [THENA-T15]
      updatedAt: NOW.toISOString(), // [THENA-T16]
      deletedAt: null, // [THENA-T17]
      version: 1,
    });
    expect(await admin().read(task.id)).toMatchObject(task);
  });

  it('has what it is given, every field [THENA-T06] [THENA-T08] [THENA-T09] [THENA-T10] [PARSA-08]', async () => {
    const given = {
      type: 'PROPOSAL',
      category: 'ISSUE_RESOLUTION',
      status: 'IN_PROGRESS',
      priority: 'HIGH',
      title: 'Send the offer',
      description: 'At length.\nIn lines.',
      date: '2026-02-28',
      attachmentUrls: ['https://files.example/offer.pdf'],
      tags: ['renewal', 'big'],
    } satisfies Partial<CreateTaskInput>;
    const assigneeId = world().member.userId;
    expect(granted(await create({ ...given, assigneeId }))).toMatchObject({
      ...given,
      audience: 'CUSTOMER',
      assignee: { id: assigneeId },
    });
  });

  it.each([
    ['2026-02-28', '2026-02-28'],
    ['2026-02-28T10:00:00+02:00', '2026-02-28T08:00:00.000Z'],
    ['0001-01-02', '0001-01-02'],
    ['9999-12-30', '9999-12-30'],
    ['0001-01-02T00:00:00Z', '0001-01-02T00:00:00.000Z'],
    ['9999-12-30T23:59:59.999Z', '9999-12-30T23:59:59.999Z'],
    ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['0099-06-01T00:00:00Z', '0099-06-01T00:00:00.000Z'],
  ])('dated %s is dated so: a day stays a day [CLOSE-06]', async (date, shown) => {
    const task = granted(await create({ date }));
    expect(task.date).toBe(shown);
    expect((await admin().read(task.id))?.date).toBe(shown);
    const changed = granted(await admin().update(task.id, { date: null }));
    expect(changed.date).toBeNull();
    expect(granted(await admin().update(task.id, { date })).date).toBe(shown);
  });

  it.each([
    ['FOLLOW_UP_CALL', 'CUSTOMER'],
    ['ACCOUNT_REVIEW', 'CUSTOMER'],
    ['TRAINING_SESSION', 'CUSTOMER'],
    ['ISSUE_RESOLUTION', 'CUSTOMER'],
    ['TEAM_UPDATE', 'INTERNAL'],
    ['RESOURCE_ALLOCATION', 'INTERNAL'],
    ['PROCESS_REVIEW', 'INTERNAL'],
    ['DOCUMENTATION_UPDATE', 'INTERNAL'],
  ] as const)('of the category %s is for %s [THENA-T25] [THENA-T26]', async (category, audience) => {
    expect(granted(await create({ category })).audience).toBe(audience);
  });

  it.each([
    'FOLLOW_UP',
    'REVIEW',
    'APPROVAL',
    'CUSTOM',
    'CALL',
    'EMAIL',
    'MESSAGE',
    'MEETING',
    'CHAT',
    'PROPOSAL',
    'NOTE',
    'TASK',
    'DEMO',
  ] as const)('may be of type %s [THENA-T07] [PARSA-02]', async (type) => {
    expect(granted(await create({ type })).type).toBe(type);
  });

  it('may be there complete: now, by its creator [PARSA-22]', async () => {
    expect(granted(await create({ status: 'COMPLETED' }))).toMatchObject({
      isComplete: true,
      completedAt: NOW.toISOString(),
      completedBy: { id: world().admin.userId },
    });
  });

  it('may be cancelled, on hold, in progress [THENA-T08] [PARSA-04] [PARSA-05]', async () => {
    for (const status of ['CANCELLED', 'ON_HOLD', 'IN_PROGRESS'] as const)
      expect(granted(await create({ status })).status).toBe(status);
  });

  it('takes null for absent', async () => {
    const nothing = {
      description: null,
      category: null,
      status: null,
      date: null,
      assigneeId: null,
      linkedRecordId: null,
    };
    expect(granted(await create(nothing))).toMatchObject({ status: 'PENDING', description: null, date: null });
  });

  it('is tidied: no space around the title and the tags, each tag once', async () => {
    expect(granted(await create({ title: '  Call  ', tags: [' a ', 'b', 'a'] }))).toMatchObject({
      title: 'Call',
      tags: ['a', 'b'],
    });
  });

  it('holds any text that there is', async () => {
    const text = 'ÄÖ "quoted" \\ back $& {{x}} 👩‍👩‍👧 \u202e\u0001 ';
    const task = granted(await create({ title: `x${text}x`, description: text, tags: [`x${text}x`] }));
    expect(await admin().read(task.id)).toMatchObject({ title: `x${text}x`, description: text, tags: [`x${text}x`] });
  });
});

describe('the answer to a creation', () => {
  it('names account, creator and their address, and the deprecated dueDate is the date [THENA-T19] [THENA-T20] [THENA-T21] [THENA-T22] [THENA-T23] [CLOSE-10]', async () => {
    const input = { title: 'Call', accountId, date: '2026-02-28' };
    const { createTask } = await world().gateway.ask(world().admin, ANSWERED, { input });
    expect(createTask.task).toEqual({
      dueDate: '2026-02-28',
      account: { id: accountId, name: 'A account' },
      creator: { id: world().admin.userId, name: 'ada', email: 'ada@ours.example', isSystem: false },
    });
  });
});

const ANSWERED = graphql(`
  mutation TaskRoomAnswered($input: CreateTaskInput!) {
    createTask(input: $input) { task { dueDate account { id name } creator { id name email isSystem } } }
  }
`);

describe('what cannot be created, with nothing written', () => {
  const long = 'x'.repeat(70);
  const cases: [string, () => Partial<CreateTaskInput>, string[]][] = [
    ['another kind than LEAD [CLOSE-30]', () => ({ _type: 'VOICEMAIL' }), ['NOT_ALLOWED _type']],
    ['an empty title', () => ({ title: ' ' }), ['INVALID title']],
    ['a title of 256', () => ({ title: 'x'.repeat(256) }), ['INVALID title']],
    ['a description over 32 KiB', () => ({ description: 'x'.repeat(32 * 1024 + 1) }), ['INVALID description']],
    ['a long tag', () => ({ tags: ['a', long] }), ['INVALID tags.1']],
    ['too many tags', () => ({ tags: Array.from({ length: 51 }, (_, n) => `${n}`) }), ['INVALID tags']],
    ['a file address', () => ({ attachmentUrls: ['file:///etc/passwd'] }), ['INVALID attachmentUrls.0']],
    [
      'too many attachments',
      () => ({ attachmentUrls: Array.from({ length: 21 }, (_, n) => `https://a.example/${n}`) }),
      ['INVALID attachmentUrls'],
    ],
    ['U+0000', () => ({ title: 'a\0b', description: '\0' }), ['INVALID title', 'INVALID description']],
    ['half a character', () => ({ tags: ['\ud83d'] }), ['INVALID tags.0']],
    ['nothing to link to [THENA-T02]', () => ({ accountId: null }), ['INVALID accountId']],
    ['nobody there', () => ({ assigneeId: encodeId('User', newUid()) }), ['NOT_FOUND assigneeId']],
    [
      'everything at once',
      () => ({ title: '', accountId: 'x', assigneeId: 'x', tags: [''] }),
      ['NOT_FOUND assigneeId', 'NOT_FOUND accountId', 'INVALID title', 'INVALID tags.0'],
    ],
  ];
  it.each(cases)('%s', async (_name, input, expected) => {
    const before = await written(world());
    expect(refusals(await create(input()))).toEqual(expected);
    expect(await written(world())).toEqual(before);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a title that is none', { title: null }],
    ['a type that is none', { type: 'WALK' }],
    ['a date that is none', { date: '2026-02-30' }],
    ['an instant without an offset', { date: '2026-02-20T10:00:00' }],
    ['a field that is none [CLOSE-48]', { isComplete: true }],
    ['a null where there is a default', { priority: null }],
    ['a null among the tags', { tags: ['a', null] }],
  ])('%s is no input at all', async (_name, input) => {
    const { errors } = await world().gateway.send(
      world().admin,
      'mutation TaskRoomBadInput($input: CreateTaskInput!) { createTask(input: $input) { errors { code } } }',
      { input: { title: 'Call', accountId, ...input } },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('says in sentences what would be right', async () => {
    const { errors } = await create({ title: '' });
    expect(errors).toMatchObject([
      { __typename: 'InvalidError', message: expect.stringMatching(/^A title has 1 to 255 characters/) },
    ]);
  });
});
