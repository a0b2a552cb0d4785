import { beforeAll, describe, expect, it } from 'vitest';
import { type IdType, newUid } from '../../src/ids.ts';
import { useGateway } from '../support/gateway.ts';
import { argumentsOf, idPlaces, operationOf, type Place, ROOTS, type Root, selectionOf } from './operations.ts';
import { digest, type Founded, found, newActivity, newRecord, newTask, nobodys } from './organizations.ts';

const RECORDS = ['Account', 'Contact', 'Lead', 'Opportunity'] as const;
const EVERY: IdType[] = [
  ...RECORDS,
  ...([
    'User',
    'Organization',
    'Membership',
    'ApiKey',
    'Activity',
    'Task',
    'Comment',
    'Reminder',
    'Pipeline',
    'Stage',
    'Event',
    'Notification',
  ] as const),
];

/** Of a TaskFilter, wherever one stands. */
const TASK_FILTER: Record<string, readonly IdType[]> = {
  id: ['Task'],
  accountId: ['Account'],
  assignee: ['User'],
  membershipId: ['Membership'],
  creatorId: ['User'],
  leadId: ['Lead'],
  contactId: ['Contact'],
  opportunityId: ['Opportunity'],
  activityId: ['Activity'],
  pipelineId: ['Pipeline'],
  stageId: ['Stage'],
  automationId: ['Automation'],
};

/** What an id may be of, by where it stands: the last name on its way that is known. A new place fails until it is added. */
const MEANT: Record<string, readonly IdType[]> = {
  'node.id': EVERY,
  'nodes.ids': EVERY,
  'account.id': ['Account'],
  'contact.id': ['Contact'],
  'lead.id': ['Lead'],
  'opportunity.id': ['Opportunity'],
  'task.id': ['Task'],
  ...Object.fromEntries(
    Object.entries(TASK_FILTER).flatMap(([name, types]) =>
      ['tasks', 'taskCounts', 'bulkUpdateTasks.input'].map((field) => [`${field}.filter.${name}`, types]),
    ),
  ),
  'upcomingTasks.assignee': ['User'],
  'pipeline.id': ['Pipeline'],
  'reopenTask.input.id': ['Task'],
  'moveTask.input.id': ['Task'],
  'restoreTask.input.id': ['Task'],
  'completeActivity.input.id': ['Activity'],
  'escalateTask.input.id': ['Task'],
  'watchTask.input.id': ['Task'],
  'unwatchTask.input.id': ['Task'],
  'markNotificationsRead.input.ids': ['Notification'],
  subjectId: ['Task', 'Activity'],
  mentionIds: ['User'],
  'setReminders.input.id': ['Task'],
  'activity.id': ['Activity'],
  'activities.filter.id': ['Activity'],
  'activities.filter.creatorId': ['User'],
  'updateActivity.input.id': ['Activity'],
  'deleteActivity.input.id': ['Activity'],
  'convertLead.input.id': ['Lead'],
  'restoreActivity.input.id': ['Activity'],
  userId: ['User'],
  contactId: ['Contact'],
  'completeTask.input.id': ['Task'],
  'deleteTask.input.id': ['Task'],
  'updateTask.input.id': ['Task'],
  'addBlocker.input.id': ['Task'],
  'removeBlocker.input.id': ['Task'],
  blockerId: ['Task'],
  'revokeApiKey.input.id': ['ApiKey'],
  ...Object.fromEntries(
    RECORDS.flatMap((type) => ['update', 'delete', 'restore'].map((verb) => [`${verb}${type}.input.id`, [type]])),
  ),
  accountId: ['Account'],
  activityId: ['Activity'],
  afterTaskId: ['Task'],
  pipelineId: ['Pipeline'],
  stageId: ['Stage'],
  leadId: ['Lead'],
  'updatePipeline.input.id': ['Pipeline'],
  'deletePipeline.input.id': ['Pipeline'],
  'updateStage.input.id': ['Stage'],
  'deleteStage.input.id': ['Stage'],
  ...Object.fromEntries(
    [
      'moveTasksToStageId',
      'newDefaultStageId',
      'newWonStageId',
      'defaultStageId',
      'wonStageId',
      'afterStageId',
      'stageIds',
    ].map((name): [string, readonly IdType[]] => [name, ['Stage']]),
  ),
  assigneeId: ['User'],
  ownerId: ['User'],
  recordId: RECORDS,
  linkedRecordId: RECORDS,
};

// Time stands still: where the log stood, and when, is then the same in two answers.
const now = new Date();
const limits = { tokens: 100_000, aliases: 100_000, fields: 100_000, depth: 50, entries: 1e15 };
const gateway = useGateway({ now: () => now, limits });
let own: Founded;
let other: Founded;
beforeAll(async () => {
  own = await found(gateway(), 'ours');
  other = await found(gateway(), 'theirs');
});

/**
 * Bulk updates take the filter of `tasks`, of which every comparator is asked: here one of each condition. Live lists take
 * it as well, and answer nothing until something happens: test/task/live/sight.test.ts asks them.
 */
const isAskedElsewhere = ({ field, operation }: Root, place: Place) =>
  operation === 'subscription' ||
  (field.name === 'bulkUpdateTasks' && place.includes('filter') && place.at(-1) !== 'eq');

const CASES = ROOTS.flatMap((root) =>
  idPlaces(root)
    .filter((place) => !isAskedElsewhere(root, place))
    .map((place) => ({ root, place, name: `${root.name} ${place.join('.')}` })),
);

const meantAt = ({ field }: Root, place: Place): readonly IdType[] | undefined => {
  const way = place.filter((name) => !['eq', 'in', 'notIn'].includes(name));
  return MEANT[[field.name, ...way].join('.')] ?? MEANT[way.at(-1) as string];
};

const isOfActivity = ({ name }: Root) => /^Mutation\..*Activity$/.test(name);

/** Asks with an id at a place, all else being good and `subject` what it is done to; gives the answer's bytes. */
async function answer(
  root: Root,
  place: Place,
  id: string,
  subject = isOfActivity(root) ? own.ids.Activity : own.tasks.contact,
  { token } = own.admin,
): Promise<string> {
  const sample = (at: Place) => {
    const [first, name] = [at[0], at.at(-1) as string];
    // Dry, since what names nothing excludes nothing: `notIn` of it is everything.
    if (root.field.name === 'bulkUpdateTasks') {
      return { 'input.view': 'INBOX', 'input.set.date': '2030-01-01', 'input.dryRun': true }[at.join('.')];
    }
    if (first === 'input' && name === 'id') {
      const type = ([...RECORDS, 'Pipeline', 'Stage'] as const).find((each) => root.name.endsWith(each));
      return type ? own.ids[type] : root.name.includes('Key') ? own.ids.ApiKey : subject;
    }
    // Whose stages they are.
    if (name === 'pipelineId' && /Stages?$/.test(root.name)) return own.ids.Pipeline;
    // What is commented is there, so that whom it mentions is asked for.
    if (name === 'subjectId') return subject;
    // A card is moved within its stage, so that what it is put behind is asked for.
    if (name === 'stageId' && root.field.name === 'moveTask') return own.ids.Stage;
    if (name === 'blockerId') return own.tasks.completed;
    // What is recorded twice is recorded once.
    if (name === 'externalId') return newUid();
    // One of two that the schema leaves open.
    if (name === 'before' && root.field.name === 'setReminders') return 'PT1H';
    // What a task is linked to is left open by the schema alone.
    return name === 'accountId' && root.operation === 'mutation' ? own.ids.Account : undefined;
  };
  const operation = operationOf(root, argumentsOf(root, sample, place, id), selectionOf(root.field.type, 1));
  const response = await fetch(gateway().url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'one', authorization: `Bearer ${token}` },
    body: JSON.stringify(operation),
  });
  return `${response.status} ${await response.text()}`;
}

/** What people read may say what kind of thing is missing; what programs read says the same of all. */
const withoutWords = (text: string) => text.replace(/"(\w+_)?message":"[^"]*"/g, '');

it('is asked for wherever the schema takes an id', () => {
  expect(CASES.filter(({ root, place }) => !meantAt(root, place)).map(({ name }) => name)).toEqual([]);
  expect(CASES.length).toBeGreaterThanOrEqual(20);
});

describe.each(CASES)('$name', ({ root, place }) => {
  const meant = meantAt(root, place) ?? [];

  it.each(meant)('answers to another organization’s %s as to none, and writes nothing', async (type) => {
    const before = await digest(gateway());
    const foreign = await answer(root, place, other.ids[type]);
    expect(foreign).toBe(await answer(root, place, nobodys(type)));
    expect(foreign).not.toContain('theirs');
    expect(foreign).not.toMatch(/INTERNAL_SERVER_ERROR|BAD_USER_INPUT|GRAPHQL_/);
    expect(await digest(gateway())).toEqual(before);
  });

  it('answers to junk and to ids of other types as to none, and writes nothing', async () => {
    const before = await digest(gateway());
    const none = withoutWords(await answer(root, place, nobodys(meant[0] as IdType)));
    const id = own.ids[meant[0] as IdType];
    const wrong = EVERY.filter((type) => !meant.includes(type)).map((type) => own.ids[type]);
    const junk = [
      'junk',
      '',
      id.toLowerCase(),
      `${id}0`,
      ` ${id}`,
      `${id}-1`,
      '\0',
      '__proto__',
      '1',
      'x'.repeat(10_000),
    ];
    for (const text of [...wrong, ...junk]) expect(withoutWords(await answer(root, place, text)), text).toBe(none);
    expect(await digest(gateway())).toEqual(before);
  });
});

describe('without CRM access', () => {
  const TYPES = [...RECORDS, 'Activity', 'Task', 'ApiKey', 'Event', 'Notification'] as const;
  const open = CASES.filter(
    ({ root }) => !/Key|(Account|Contact|Lead|Opportunity)$/.test(root.name) && !isOfActivity(root),
  );
  it.each(open)('$name answers to what is out of sight as to none, and writes nothing', async ({ root, place }) => {
    const before = await digest(gateway());
    const unseen = { ...own.ids, Account: own.bolt };
    for (const type of TYPES.filter((type) => meantAt(root, place)?.includes(type))) {
      const ask = (id: string) => answer(root, place, id, own.tasks.limited, own.limited);
      expect(await ask(unseen[type]), type).toBe(await ask(nobodys(type)));
    }
    expect(await digest(gateway())).toEqual(before);
  });
});

// Without this, all of the above would hold for a field that answers nothing to anyone.
describe('the control', () => {
  // Records last: what the other fields are asked with must not be in the bin.
  const turn = ({ root }: (typeof CASES)[0]) =>
    Number(root.operation === 'mutation') +
    Number(/(delete|restore)(Account|Contact|Lead|Opportunity)$/.test(root.name));
  // There are none yet.
  const isUnseen = (type: IdType) => type === 'Automation';
  it.each(CASES.toSorted((a, b) => turn(a) - turn(b)))(
    '$name answers otherwise to an id of one’s own',
    async ({ root, place }) => {
      for (const type of (meantAt(root, place) ?? []).filter((type) => !isUnseen(type))) {
        const none = await answer(root, place, nobodys(type));
        // A bulk update is asked to run dry: it is told apart by what there is already.
        const isWrite = root.operation === 'mutation' && root.field.name !== 'bulkUpdateTasks';
        const Task = isWrite ? await newTask(gateway(), own) : own.ids.Task;
        const Activity = isWrite ? await newActivity(gateway(), own) : own.ids.Activity;
        const subject = isOfActivity(root) ? Activity : Task;
        // What the other cases go on asking about must not be deleted.
        const record = RECORDS.find(
          (each) => root.field.name === `delete${each}` || root.field.name === `restore${each}`,
        );
        const restores = root.field.name.startsWith('restore');
        const Record = record && { [record]: await newRecord(gateway(), own, record, restores) };
        const mine = { ...own.ids, Task, Activity, ...Record }[type];
        expect(await answer(root, place, mine, subject), type).not.toBe(none);
      }
    },
  );
});
