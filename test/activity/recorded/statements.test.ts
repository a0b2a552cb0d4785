import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { POLICY } from '../../../src/auth/policy.ts';
import { statementsOf } from '../../task/asked.ts';
import { AT, PHONE, tasked, useDesk } from './desk.ts';

// What recording asks of the database, from BEGIN to what it answers with, in the order of locks.

const desk = useDesk();
const ANSWER = '{ activity { title } task { title } errors { code } }';
const CALL = `mutation ($input: RecordCallInput!) { recordCall(input: $input) ${ANSWER} }`;
const EMAIL = `mutation ($input: RecordEmailInput!) { recordEmail(input: $input) ${ANSWER} }`;
const SMS = `mutation ($input: RecordSmsInput!) { recordSms(input: $input) ${ANSWER} }`;
const SHOWN = ['activity.byUids', 'task.byUids'];
const commit = (...between: string[]) => ['BEGIN', ...between, 'event.append', 'COMMIT'];
const MATCHED = ['contact.lock', 'contact.owner', 'organization.members'];
const MADE = ['organization.assistant', 'INSERT task'];

let count = 0;
const common = (direction = 'INBOUND') => {
  count += 1;
  return { externalId: `counted ${count}`, direction, at: AT };
};
const email = (threadId: string, direction = 'INBOUND') => ({
  ...{ ...common(direction), threadId },
  ...(direction === 'INBOUND'
    ? { from: 'ann@acme.example', to: [] }
    : { from: 'max@ours.example', to: ['ann@acme.example'] }),
});
const statements = (query: string, input: object) => statementsOf(desk().world, query, { input });

it('a call or an SMS asks who has the number, whose that is, and writes two rows', async () => {
  const call = { ...common(), outcome: 'MISSED', phone: PHONE };
  const expected = commit('activity.recorded', 'record.byPhone', ...MATCHED, 'INSERT activity', ...MADE);
  expect((await statements(CALL, call)).toSorted()).toEqual([...expected, ...SHOWN].toSorted());
  expect(await statements(CALL, call)).toEqual(['BEGIN', 'activity.recorded', 'COMMIT', ...SHOWN]);
  const sms = await statements(SMS, { ...common(), remotePhone: PHONE });
  expect(sms.slice(0, expected.length)).toEqual(expected);
});

it('a call of nobody’s asks of no record, one that is named not who has the number', async () => {
  expect((await statements(CALL, { ...common(), outcome: 'ANSWERED' })).slice(0, -2)).toEqual(
    commit('activity.recorded', 'INSERT activity', ...MADE),
  );
  const named = { ...common(), outcome: 'MISSED', recordId: desk().account, assigneeId: desk().world.member.userId };
  expect((await statements(CALL, named)).slice(0, -2)).toEqual(
    commit('activity.recorded', 'organization.assignee', 'account.lock', 'account.owner', 'INSERT activity', ...MADE),
  );
});

it('an e-mail holds its thread, and asks as much of a long one as of a short one', async () => {
  const { by } = desk();
  const begins = [
    ...['activity.recorded', 'task.holdThread', 'record.byEmails', ...MATCHED, 'INSERT activity'],
    'task.openOfThread',
  ];
  const gathered = (await statements(EMAIL, email('counted'))).slice(0, -2);
  expect(gathered).toEqual(commit(...begins, ...MADE, 'INSERT task_email'));
  const answered = ['task.answeredEmails', 'organization.assistant', 'task.completeAnswered'];
  const FOLLOWS = ['blocker.dependants', 'task.onlookers', 'reminder.standing'];
  const joined = ['task.emailsOfThread', 'INSERT task_email', 'UPDATE task', ...FOLLOWS];
  const joins = commit(...begins, 'task.names', ...answered, ...joined);
  for (const many of [1, 6]) {
    for (let sent = 0; sent < many; sent += 1) {
      const at = `2026-03-02T1${many}:00:00.000Z`;
      tasked(await by.email({ ...email('counted', 'OUTBOUND'), direction: 'OUTBOUND', at, followUpOn: '2026-03-05' }));
      await by.email({ ...email('counted'), direction: 'INBOUND' });
    }
    const to = Array.from({ length: 10 * many }, (_, index) => `p${index}@x.example`);
    const input = { ...email('counted'), at: `2026-03-02T1${many}:00:00.000Z`, to };
    expect((await statements(EMAIL, input)).slice(0, -2)).toEqual(joins);
  }
});

it('an e-mail that went out asks whether it was answered', async () => {
  const begins = ['activity.recorded', 'task.holdThread', 'record.byEmails', ...MATCHED, 'INSERT activity'];
  const out = (await statements(EMAIL, { ...email('out', 'OUTBOUND'), followUpOn: '2026-03-05' })).slice(0, -2);
  expect(out).toEqual(commit(...begins, 'activity.reply', ...MADE));
});

it('what is refused asks for nothing more than whether it is there', async () => {
  expect(await statements(CALL, { ...common(), outcome: 'MISSED', duration: -1 })).toEqual([
    ...['BEGIN', 'activity.recorded', 'ROLLBACK'],
  ]);
});

it('every root field that records is asked here', () => {
  const fields = Object.keys(POLICY).filter((name) => /\.record/.test(name));
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  expect(fields).toHaveLength(3);
  expect(fields.filter((name) => !own.includes(`${name.split('.')[1]}(`))).toEqual([]);
});
