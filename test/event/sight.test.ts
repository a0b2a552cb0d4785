import { beforeAll, describe, expect, it } from 'vitest';
import { uidOf } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import { changeMembership } from '../notification/membership.ts';
import { type Office, openOffice } from '../notification/office.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { rows } from './house.ts';
import { walkLog } from './log-walk.ts';

const gateway = useGateway();

const LogNodes = graphql(`query LogNodes($ids: [ID!]!) { nodes(ids: $ids) { id } }`);
const LogPipeline = graphql(`
  mutation LogPipeline($stages: [StageInput!]!) {
    createPipeline(input: { name: "Sales", stages: $stages }) { pipeline { id } errors { message } }
  }
`);
const LogActivity = graphql(`
  mutation LogActivity($input: CreateActivityInput!) {
    createActivity(input: $input) { activity { id } errors { message } }
  }
`);
const LogKey = graphql(`
  mutation LogKey { createApiKey(input: { name: "Robot" }) { apiKey { id } errors { message } } }
`);

const walk = (by: Caller, first: number, after?: string) => walkLog(gateway(), by, first, after);
const kindsOf = async (by: Caller, after?: string) => (await walk(by, 100, after)).nodes.map(({ kind }) => kind);
const run = (office: Office, text: string, ...params: unknown[]) =>
  rows(gateway(), text, office.organization.id, params);

describe('of the log is shown', () => {
  let office: Office;
  let limited: Caller;
  let start: string;
  let privateId: string;
  let own: string;
  beforeAll(async () => {
    office = await openOffice(gateway());
    const { admin, member, accountId, organization } = office;
    limited = await gateway().member(organization, { email: 'limited@log.example', crmAccess: false });
    start = (await walk(admin, 100)).end;
    own = await office.create({ title: 'Own', assigneeId: limited.userId });
    await office.create({ title: 'Another’s', assigneeId: member.userId });
    const stages = [{ name: 'New', color: '#000000', isDefault: true }];
    await gateway().ask(admin, LogPipeline, { stages });
    const at = { accountId, activityTimestamp: '2026-01-12T08:00:00Z', duration: 30, location: 'Office' };
    const activity = async (visibility: 'PRIVATE' | 'ORGANIZATION') => {
      const input = { ...at, visibility, type: 'MEETING', title: 'Talk' } as const;
      const { createActivity } = await gateway().ask(member, LogActivity, { input });
      expect(createActivity.errors).toEqual([]);
      return createActivity.activity?.id as string;
    };
    privateId = await activity('PRIVATE');
    await activity('ORGANIZATION');
    await gateway().ask(admin, LogKey);
    await changeMembership(gateway(), office, limited, { role: 'MEMBER' });
  });

  const TASKS = ['TASK_CREATED', 'TASK_ASSIGNED'];

  it('to an admin all but private activities of others', async () => {
    const kinds = [...TASKS, ...TASKS, 'PIPELINE_CHANGED', 'ACTIVITY_LOGGED', 'API_KEY_CREATED', 'MEMBERSHIP_CHANGED'];
    expect(await kindsOf(office.admin, start)).toEqual(kinds);
  });

  it('to a member nothing of members and keys, and the activities that are theirs', async () => {
    const kinds = [...TASKS, ...TASKS, 'PIPELINE_CHANGED', 'ACTIVITY_LOGGED', 'ACTIVITY_LOGGED'];
    expect(await kindsOf(office.member, start)).toEqual(kinds);
    const { nodes } = await walk(office.member, 100, start);
    expect(nodes[5]).toMatchObject({ subjectId: privateId, activity: { id: privateId } });
  });

  it('to one without CRM access what is their own, and of pipelines', async () => {
    const { nodes } = await walk(limited, 100);
    expect(nodes.map(({ kind }) => kind)).toEqual([...TASKS, 'PIPELINE_CHANGED']);
    expect(nodes.slice(0, 2).map(({ task }) => task?.id)).toEqual([own, own]);
  });

  it('just what is found by its id', async () => {
    const all = (await walk(office.admin, 100)).nodes.map(({ id }) => id);
    for (const caller of [office.admin, office.member, limited]) {
      const paged = (await walk(caller, 100)).nodes.map(({ id }) => id);
      const { nodes } = await gateway().ask(caller, LogNodes, { ids: all });
      expect(nodes.flatMap((node) => node?.id ?? [])).toEqual(paged.filter((id) => all.includes(id)));
    }
  });

  it('a task as it is now: it comes and goes with its assignee, all its past', async () => {
    const seen = async () => (await walk(limited, 100, start)).nodes.filter(({ task }) => task).length;
    const before = await seen();
    const id = await office.create({ title: 'Passed on' });
    await office.update(id, { assigneeId: limited.userId });
    expect(await seen()).toBe(before + 2);
    await office.update(id, { assigneeId: null });
    expect(await seen()).toBe(before);
  });

  it('a task that is gone as it last was', async () => {
    const here = (await walk(office.admin, 100)).end;
    const [theirs, taken] = [
      await office.create({ title: 'Theirs', assigneeId: limited.userId }),
      await office.create({ title: 'Taken', assigneeId: limited.userId }),
    ];
    await office.update(taken, { assigneeId: office.member.userId });
    const uids = [theirs, taken].map((id) => uidOf('Task', id));
    await run(office, 'DELETE FROM task WHERE organization_id = $1 AND uid = ANY ($2)', uids);
    const { nodes } = await walk(limited, 100, here);
    expect(nodes).toMatchObject(TASKS.map((kind) => ({ kind, subjectId: theirs, task: null })));
    expect(await kindsOf(office.member, here)).toEqual([...TASKS, ...TASKS, 'TASK_ASSIGNED']);
  });
});
