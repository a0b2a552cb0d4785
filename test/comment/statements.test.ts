import { beforeAll, describe, expect, it } from 'vitest';
import { writesOf as activitiesOf, granted as grantedActivity, least } from '../activity/writes.ts';
import { statementsOf } from '../task/asked.ts';
import { useWorld } from '../task/world.ts';
import { granted, writesOf } from '../task/writes.ts';
import { deskOf } from './room.ts';

// What comments, watching and the rest ask of the database, statement by statement.

const world = useWorld();
const statements = (query: string, variables: object = {}) => statementsOf(world(), query, variables);
const commit = (...between: string[]) => ['BEGIN', ...between, 'event.append', 'COMMIT'];
let account: string;
let [task, attached, activity, tasks]: [string, string, string, readonly string[]] = ['', '', '', []];

beforeAll(async () => {
  account = (await world().record('ACCOUNT')).key;
  const { create } = writesOf(world(), world().admin);
  const make = async (more = {}) => granted(await create({ title: 'Call', accountId: account, ...more })).id;
  task = await make();
  attached = await make({ attachmentUrls: ['https://x.example/a'] });
  activity = grantedActivity(await activitiesOf(world(), world().member).create(least(account))).id;
  tasks = await Promise.all(Array.from({ length: 12 }, () => make()));
  const desk = deskOf(world(), world().member);
  for (const id of tasks) {
    await desk.say(id, 'x', [world().admin.userId]);
    await desk.watch(id);
  }
});

describe('a mutation takes', () => {
  const cases: [string, string, () => object, string[]][] = [
    [
      'addComment on a task, whoever watches it',
      'mutation ($i: AddCommentInput!) { addComment(input: $i) { comment { body } } }',
      () => ({ i: { subjectId: task, body: 'x' } }),
      [...commit('task.hold', 'INSERT comment', 'task.onlookers'), 'comment.byUids'],
    ],
    [
      'addComment with mentions, however many',
      'mutation ($i: AddCommentInput!) { addComment(input: $i) { errors { code } } }',
      () => ({ i: { subjectId: task, body: 'x', mentionIds: [world().admin.userId, world().member.userId] } }),
      commit('task.hold', 'comment.mentionedOnTask', 'INSERT comment', 'task.onlookers'),
    ],
    [
      'addComment on an activity',
      'mutation ($i: AddCommentInput!) { addComment(input: $i) { errors { code } } }',
      () => ({ i: { subjectId: activity, body: 'x', mentionIds: [world().admin.userId] } }),
      commit('activity.open', 'activity.look', 'comment.mentionedOnActivity', 'INSERT comment', 'activity.attendants'),
    ],
    [
      'addComment that is refused',
      'mutation ($i: AddCommentInput!) { addComment(input: $i) { errors { code } } }',
      () => ({ i: { subjectId: task, body: '' } }),
      ['BEGIN', 'task.hold', 'ROLLBACK'],
    ],
    [
      'watchTask',
      'mutation ($i: WatchTaskInput!) { watchTask(input: $i) { task { watchers { name } } } }',
      () => ({ i: { id: task } }),
      ['BEGIN', 'task.hold', 'task.watch', 'COMMIT', 'task.byUids', 'task.watchers'],
    ],
    [
      'unwatchTask',
      'mutation ($i: UnwatchTaskInput!) { unwatchTask(input: $i) { errors { code } } }',
      () => ({ i: { id: task } }),
      ['BEGIN', 'task.hold', 'task.watch', 'COMMIT'],
    ],
    [
      'escalateTask',
      'mutation ($i: EscalateTaskInput!) { escalateTask(input: $i) { errors { code } } }',
      () => ({ i: { id: task, reason: 'x' } }),
      commit('task.hold', 'task.owner', 'task.onlookers'),
    ],
    [
      'removeAttachment',
      'mutation ($i: RemoveAttachmentInput!) { removeAttachment(input: $i) { subject { id } } }',
      () => ({ i: { subjectId: attached, url: 'https://x.example/a' } }),
      [...commit('task.lock', 'task.names', 'UPDATE task'), 'task.byUids'],
    ],
    [
      'completeActivity with follow-ups, which are locked before it',
      'mutation ($i: CompleteActivityInput!) { completeActivity(input: $i) { followUps { title } } }',
      () => ({ i: { id: activity, followUps: [{ title: 'x' }, { title: 'y' }] } }),
      [
        ...commit(
          ...['activity.look', 'account.lock', 'account.lock', 'activity.open', 'activity.look'],
          ...['INSERT task', 'INSERT task', 'UPDATE activity', 'activity.attendants'],
        ),
        'task.byUids',
      ],
    ],
  ];
  it.each(cases)('%s', async (_what, query, variables, expected) => {
    expect(await statements(query, variables())).toEqual(expected);
  });
});

it('the comments of all tasks of a list are one statement, their numbers another, their people and watchers one each', async () => {
  const query = `query ($first: Int!, $ids: [ID!]) { tasks(first: $first, filter: { id: { in: $ids } }) { nodes {
    watchers { name } comments(first: 3) { totalCount nodes { body author { name } mentions { name } } } } } }`;
  for (const first of [2, 12]) {
    expect((await statements(query, { first, ids: tasks })).toSorted()).toEqual(
      ['task.list', 'task.watchers', 'comment.list', 'comment.countsOfTasks', 'organization.users'].toSorted(),
    );
  }
});
