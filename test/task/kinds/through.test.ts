import { expect, it } from 'vitest';
import { recordingsOf, tasked, useDesk } from '../../activity/recorded/desk.ts';
import { writesOf as activitiesOf, granted as linked } from '../../activity/writes.ts';
import { graphql } from '../../generated/index.ts';
import { boardOf } from '../../pipeline/board.ts';
import { refusals } from '../writes.ts';

// The same through the real recordings, from the call to its detail.

const DETAIL = graphql(`
  query KindsThrough($id: ID!) { task(id: $id) { ...KindsDetail linkedRecord { id } account { id } creator { id } } }
`);

const desk = useDesk();
const by = () => recordingsOf(desk().world, desk().world.member);
const read = async (id: string) => (await desk().world.gateway.ask(desk().world.member, DETAIL, { id })).task;

it('a voicemail is recorded, and its task tells of it [CLOSE-21]', async () => {
  const voicemail = { duration: 42, url: 'https://voice.example/1.mp3' };
  const answer = await by().call({ phone: '+1 415 555 0199', localPhone: '+1 (415) 555-0111', voicemail });
  const { id } = tasked(answer);
  const call = answer.activity?.id as string;
  expect(await read(id)).toMatchObject({
    objectType: 'call',
    objectId: call,
    detail: {
      __typename: 'VoicemailDetail',
      call: { id: call },
      phone: '+14155550199',
      localPhone: '+14155550111',
      voicemailDuration: 42,
      voicemailUrl: 'https://voice.example/1.mp3',
    },
  });
});

it('a call from nobody known is linked later, and its task with it [CLOSE-20] [CLOSE-47]', async () => {
  const answer = await by().call({ phone: '+14155550142', outcome: 'ANSWERED' });
  const { id } = tasked(answer);
  expect(await read(id)).toMatchObject({ _type: 'ANSWERED_DETACHED_CALL', linkedRecord: null, account: null });
  const { world, ann, account } = desk();
  linked(await activitiesOf(world, world.member).update(answer.activity?.id as string, { linkedRecordId: ann }));
  expect(await read(id)).toMatchObject({
    linkedRecord: { id: ann },
    account: { id: account },
    detail: { phone: '+14155550142' },
  });
});

it('two e-mails of a thread are one task that shows both; an older one is not opened again beside it [CLOSE-17]', async () => {
  const threadId = 'thread of two';
  const first = tasked(await by().email({ threadId, subject: 'Hello' }));
  const { complete, reopen } = boardOf(desk().world, desk().world.member);
  await complete(first.id);
  const answers = [
    await by().email({ threadId, subject: 'Re: Hello', at: '2026-03-03T10:00:00.000Z' }),
    await by().email({ threadId, subject: 'Late', at: '2026-03-02T11:00:00.000Z' }),
  ];
  const [second] = answers.map(tasked);
  const emails = answers.map(({ activity }, n) => ({ id: activity?.id, title: ['Re: Hello', 'Late'][n] }));
  expect((await read(second?.id as string))?.detail).toEqual({
    __typename: 'IncomingEmailDetail',
    threadId,
    subject: 'Late',
    emails: emails.toReversed(),
  });
  const answer = await reopen(first.id);
  expect(refusals(answer)).toEqual(['CONFLICT id']);
  expect(answer.errors[0]?.message).toContain(second?.id);
});
