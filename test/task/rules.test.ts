import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyPatch,
  blankTask,
  isOverdue,
  refuseAssignee,
  type TaskPatch,
  type TaskState,
  timelineAt,
  viewOf,
} from '../../src/task/rules.ts';
import { KINDS, patch, STATUSES, state } from './arbitrary.ts';

const me = { id: 9n, uid: '9'.repeat(26) };
const NOW = new Date('2026-02-01T10:00:00Z');
const apply = (before: TaskState, given: TaskPatch) => applyPatch(before, given, NOW, me, ['patch']);
const of = (kind: TaskState['kind']): TaskState => ({ ...blankTask, kind });

/** Where a patch is refused, and why. */
function refused(given: TaskPatch, before: TaskState = blankTask): string[] {
  const applied = apply(before, given);
  return applied.ok ? [] : applied.refusals.map(({ code, path }) => `${code} ${path.join('.')}`);
}

describe('a task of another kind than LEAD', () => {
  const FREE = new Set(['assignee', 'date', 'isComplete', 'status', 'outcome']);
  const NAMES: Record<string, string> = { link: 'linkedRecordId' };

  it('lets assignee, date and completion change, and refuses every other field by its name in the API [CLOSE-34] [CLOSE-35]', () => {
    const coherent = patch.filter((given) => given.isComplete === undefined || given.status === undefined);
    fc.assert(
      fc.property(state, coherent, (before, given) => {
        const fields = Object.keys(given).filter((field) => !FREE.has(field));
        const expected = fields.map((field) => `NOT_ALLOWED patch.${NAMES[field] ?? field}`);
        const odd = given.status !== undefined && !['PENDING', 'COMPLETED'].includes(given.status);
        if (odd) expected.push('NOT_ALLOWED patch.status');
        expect(refused(given, before)).toEqual(before.kind === 'LEAD' ? [] : expected);
      }),
    );
  });

  it.each(KINDS.filter((kind) => kind !== 'LEAD'))('%s is PENDING or COMPLETED and nothing else', (kind) => {
    const allowed = STATUSES.filter((status) => refused({ status }, of(kind)).length === 0);
    expect(allowed).toEqual(['PENDING', 'COMPLETED']);
  });

  it('says every reason at once', () => {
    expect(refused({ title: '', status: 'ON_HOLD' }, of('VOICEMAIL'))).toEqual([
      'NOT_ALLOWED patch.title',
      'NOT_ALLOWED patch.status',
      'INVALID patch.title',
    ]);
  });
});

describe('what a patch sets', () => {
  it('is tidied: titles and tags without space around them, tags once, an empty description none', () => {
    const applied = apply(blankTask, { title: ' Call ', tags: [' a', 'b ', 'a'], description: ' \u200b' });
    expect(applied).toMatchObject({ ok: true, state: { title: 'Call', tags: ['a', 'b'], description: null } });
  });

  it.each<[string, TaskPatch, TaskPatch, string]>([
    ['a title', { title: 'x'.repeat(255) }, { title: 'x'.repeat(256) }, 'title'],
    ['a title in characters, not in UTF-16', { title: '👍'.repeat(255) }, { title: '👍'.repeat(256) }, 'title'],
    ['a title that is there', { title: ' x ' }, { title: ' \t\n ' }, 'title'],
    [
      'a description in bytes',
      { description: 'é'.repeat(16_384) },
      { description: `${'é'.repeat(16_384)}x` },
      'description',
    ],
    [
      'an outcome in bytes',
      { outcome: 'x'.repeat(32_768), isComplete: true },
      { outcome: 'x'.repeat(32_769) },
      'outcome',
    ],
    ['a number of tags', { tags: range(50) }, { tags: range(51) }, 'tags'],
    ['a tag', { tags: ['a', 'x'.repeat(64)] }, { tags: ['a', 'x'.repeat(65)] }, 'tags.1'],
    ['a tag in characters', { tags: ['👍'.repeat(64)] }, { tags: ['👍'.repeat(65)] }, 'tags.0'],
    ['a tag that is there', { tags: ['a'] }, { tags: ['a', 'b', ' '] }, 'tags.2'],
    [
      'a number of attachments',
      { attachmentUrls: range(20).map(url) },
      { attachmentUrls: range(21).map(url) },
      'attachmentUrls',
    ],
    [
      'an attachment',
      { attachmentUrls: [url('x'.repeat(2_048 - url('').length))] },
      { attachmentUrls: [url('x'.repeat(2_049 - url('').length))] },
      'attachmentUrls.0',
    ],
    [
      'http and https',
      { attachmentUrls: ['http://a.example', 'HTTPS://a.example'] },
      { attachmentUrls: [url('1'), 'ftp://a.example'] },
      'attachmentUrls.1',
    ],
    ['addresses', { attachmentUrls: [url('?q=1#a')] }, { attachmentUrls: ['a.example'] }, 'attachmentUrls.0'],
    [
      'addresses without space',
      { attachmentUrls: [url('%20')] },
      { attachmentUrls: [' https://a.example'] },
      'attachmentUrls.0',
    ],
    ['no scripts', { attachmentUrls: [] }, { attachmentUrls: ['javascript:alert(1)'] }, 'attachmentUrls.0'],
    ['text that a database can hold', { title: 'a\tb' }, { title: 'a\u0000b' }, 'title'],
    ['descriptions that a database can hold', { description: 'a\nb' }, { description: '\u0000' }, 'description'],
    ['outcomes that a database can hold', { outcome: '👍', isComplete: true }, { outcome: '\ud83d' }, 'outcome'],
    ['tags that a database can hold', { tags: ['👍'] }, { tags: ['\udc4d'] }, 'tags.0'],
  ])('has limits: %s', (_what, within, beyond, path) => {
    expect(refused(within)).toEqual([]);
    expect(refused(beyond)).toEqual([`INVALID patch.${path}`]);
  });

  it('may be an internationalised address', () => {
    expect(refused({ attachmentUrls: ['https://ärger.example/straße'] })).toEqual([]);
  });
});

function range(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
function url(path: string): string {
  return `https://a.example/${path}`;
}

describe('who may be given tasks', () => {
  it.each([
    ['PERSON', 'ADMIN', null],
    ['PERSON', 'MEMBER', null],
    ['PERSON', 'VIEWER', 'INVALID'],
    ['API_KEY', 'ADMIN', 'INVALID'],
    ['API_KEY', 'MEMBER', 'INVALID'],
    ['ASSISTANT', 'MEMBER', 'INVALID'],
  ] as const)('%s with the role %s: %s', (kind, role, code) => {
    expect(refuseAssignee({ kind, role }, ['assigneeId'])?.code ?? null).toBe(code);
  });
});

describe('where a task stands', () => {
  // 2026-02-01 10:00 UTC is 02:00 at -08:00 and midnight of the 2nd at +14:00.
  const now = NOW.getTime();
  const instant = (text: string) => ({ instant: Date.parse(text) });

  it.each([
    [null, 'UTC', 'INBOX'],
    [{ day: '2020-01-01' }, 'UTC', 'INBOX'],
    [{ day: '2026-02-01' }, 'UTC', 'INBOX'],
    [{ day: '2026-02-02' }, 'UTC', 'FUTURE'],
    [{ day: '2026-02-02' }, '+14:00', 'INBOX'],
    [{ day: '2026-02-03' }, '+14:00', 'FUTURE'],
    [instant('2026-02-01T23:59:59.999Z'), 'UTC', 'INBOX'],
    [instant('2026-02-02T00:00:00.000Z'), 'UTC', 'FUTURE'],
    [instant('2026-02-02T07:59:59.999Z'), '-08:00', 'INBOX'],
    [instant('2026-02-02T08:00:00.000Z'), '-08:00', 'FUTURE'],
  ] as const)('open and dated %j it is, in %s, in the %s [CLOSE-02] [CLOSE-26] [CLOSE-27]', (date, zone, view) => {
    for (const status of ['PENDING', 'IN_PROGRESS', 'ON_HOLD'] as const)
      expect(viewOf(status, date, now, zone)).toBe(view);
    expect(viewOf('COMPLETED', date, now, zone), '[CLOSE-03] [CLOSE-28]').toBe('ARCHIVE');
    expect(viewOf('CANCELLED', date, now, zone)).toBeNull();
  });

  it.each([
    [null, 'UTC', false],
    [{ day: '2026-01-31' }, 'UTC', true],
    [{ day: '2026-02-01' }, 'UTC', false],
    [{ day: '2026-02-01' }, '+14:00', true],
    [{ day: '2026-01-31' }, '-11:00', false],
    [instant('2026-02-01T09:59:59.999Z'), 'UTC', true],
    [instant('2026-02-01T10:00:00.000Z'), 'UTC', false],
    [instant('2026-02-01T09:59:59.999Z'), '-11:00', true],
  ] as const)('open and dated %j it is, in %s, overdue: %s', (date, zone, overdue) => {
    for (const status of STATUSES) {
      expect(isOverdue(status, date, now, zone), status).toBe(
        overdue && status !== 'COMPLETED' && status !== 'CANCELLED',
      );
    }
  });

  it('its place in timelines is its completion, else its date in the organization’s zone, else its creation', () => {
    const created = new Date('2026-01-01T00:00:00Z');
    const dated: TaskState = { ...blankTask, date: { day: '2026-02-05' } };
    expect(timelineAt({ ...dated, completedAt: NOW }, created, '-08:00')).toEqual(NOW);
    expect(timelineAt(dated, created, '-08:00')).toEqual(new Date('2026-02-05T08:00:00Z'));
    expect(timelineAt({ ...dated, date: { instant: 7 } }, created, '-08:00')).toEqual(new Date(7));
    expect(timelineAt(blankTask, created, '-08:00')).toEqual(created);
  });
});
