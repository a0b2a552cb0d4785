import { expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import { useGateway } from '../support/gateway.ts';

const gateway = useGateway();

it('a record in sight does not put in sight the records that it names: only what one’s tasks name is', async () => {
  const organization = await gateway().organization('Named');
  const admin = await gateway().member(organization, { email: 'admin@named.example', role: 'ADMIN' });
  const limited = await gateway().member(organization, { email: 'limited@named.example', crmAccess: false });
  const { prisma } = gateway().app.runtime.db;
  const at = new Date();
  const common = { organizationId: organization.id, creatorId: organization.assistantId, createdAt: at, updatedAt: at };
  const contact = await prisma.contact.create({
    data: { ...common, uid: newUid(), name: 'Secret', firstName: 'Secret', email: 'secret@customer.example' },
  });
  const deal = { ...common, uid: newUid(), name: 'A deal', contactId: contact.id };
  const opportunity = await prisma.opportunity.create({ data: deal });
  const input = {
    title: 'Close it',
    linkedRecordId: encodeId('Opportunity', opportunity.uid),
    assigneeId: limited.userId,
  };
  await gateway().ask(
    admin,
    'mutation ($input: CreateTaskInput!) { createTask(input: $input) { errors { message } } }',
    { input },
  );

  const query = '{ tasks { nodes { contact { id } opportunity { name contact { email } } } } }';
  interface Seen {
    tasks: { nodes: { opportunity: { name: string; contact: { email: string } | null } }[] };
  }
  const seen = async (who: typeof admin) => (await gateway().ask<Seen, object>(who, query)).tasks.nodes[0]?.opportunity;
  expect(await seen(admin)).toEqual({ name: 'A deal', contact: { email: 'secret@customer.example' } });
  expect(await seen(limited)).toEqual({ name: 'A deal', contact: null });
});
