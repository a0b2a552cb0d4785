import { addAccount } from '../../account/service.ts';
import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { addContact } from '../../contact/service.ts';
import type { Tx } from '../../db/database.ts';
import { commit, type NewEvent } from '../../event/log.ts';
import { encodeId, uidOf } from '../../ids.ts';
import { applyToOpportunity, blankOpportunity, type OpportunityState } from '../../opportunity/rules.ts';
import { addOpportunity, type NewOpportunity } from '../../opportunity/service.ts';
import { findMembers } from '../../organization/service.ts';
import { relink } from '../../record/relink/service.ts';
import type { NamedRecord, Ref } from '../../record/rules.ts';
import { nowFor, openRecord } from '../../record/write/open.ts';
import { type NamedIds, ownWords, resolve, stateOf, writeColumns } from '../../record/write/service.ts';
import { Invalid, type Outcome, type Refusal, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import type { LeadState } from '../rules.ts';
import { LEAD } from '../service.ts';
import { accountOf, contactOf, refuseAgain, refuseFaceless } from './rules.ts';

export interface Conversion {
  readonly id: string;
  readonly expectedVersion: number | null;
  /** An Account's id; null for a new one. */
  readonly accountId: string | null;
  readonly opportunity: NewOpportunity | null;
}

/** Inner ids of what a lead has become. */
export interface Converted {
  readonly leadId: bigint;
  readonly accountId: bigint | null;
  readonly contactId: bigint | null;
  /** Null when none was made now. */
  readonly opportunityId: bigint | null;
}

/** An opportunity that is to come of it: judged, but for what it will be linked to. */
interface Deal {
  readonly state: OpportunityState;
  /** Undefined when nothing was said of it. */
  readonly owner: Ref | null | undefined;
}

const LINKS = ['accountId', 'contactId', 'leadId'] as const;

/** What an opportunity names beside its lead and the account that this one goes to, which need not be said. */
function straysOf(words: NewOpportunity, { id, accountId }: Conversion): NamedIds {
  const same = (type: 'Account' | 'Lead', a: string | null | undefined, b: string | null) =>
    a != null && b != null && uidOf(type, a) !== null && uidOf(type, a) === uidOf(type, b);
  return {
    ...(words.ownerId !== undefined && { ownerId: words.ownerId }),
    ...(words.accountId != null && !same('Account', words.accountId, accountId) && { accountId: words.accountId }),
    ...(words.contactId != null && { contactId: words.contactId }),
    ...(words.leadId != null && !same('Lead', words.leadId, id) && { leadId: words.leadId }),
  };
}

async function openDeal(tx: Tx, viewer: Viewer, words: NewOpportunity, conversion: Conversion) {
  const path = ['opportunity'];
  const strays = straysOf(words, conversion);
  const { resolved, refusals } = await resolve(tx, viewer, strays, path);
  const applied = applyToOpportunity(blankOpportunity, ownWords<OpportunityState>(words), path);
  const contradicting = LINKS.filter((field) => resolved[field.slice(0, -2) as 'account' | 'contact' | 'lead']).map(
    (field) =>
      new Invalid('The opportunity goes to the account, the contact and the lead of the conversion.', [...path, field]),
  );
  const deal: Deal | null = applied.ok ? { state: applied.state, owner: resolved.owner } : null;
  return { deal, refusals: [...(applied.ok ? [] : applied.refusals), ...refusals, ...contradicting] };
}

/** Who owns what a lead becomes: whoever owns the lead, unless they have left, since whoever has left is given nothing new. */
async function heirOf(tx: Tx, { owner }: LeadState): Promise<Ref | null> {
  if (!owner) return null;
  const members = await findMembers(tx, [owner.id]);
  return members.get(owner.id)?.isActive ? owner : null;
}

const nobody = { deal: null, refusals: [] as readonly Refusal[] };

/** Makes the account, if it is a new one, the contact, and the opportunity, if one is wanted. */
async function makeRecords(
  tx: Tx,
  viewer: Viewer,
  lead: Ref & { readonly state: LeadState },
  existing: NamedRecord | null,
  deal: Deal | null,
  now: Date,
) {
  const events: NewEvent[] = [];
  const made = async (adding: Promise<{ readonly record: Ref; readonly events: readonly NewEvent[] }>) => {
    const { record, events: told } = await adding;
    events.push(...told);
    return record;
  };
  const { id, uid } = existing ?? (await made(addAccount(tx, viewer, accountOf(lead.state), now)));
  const account = { id, uid, accountId: id };
  const contact = await made(addContact(tx, viewer, contactOf(lead.state, account), now));
  const links = {
    account,
    contact: { ...contact, accountId: id },
    lead: { id: lead.id, uid: lead.uid, accountId: id },
  };
  const owner = deal?.owner === undefined ? lead.state.owner : deal.owner;
  const opportunity = deal && (await made(addOpportunity(tx, viewer, { ...deal.state, ...links, owner }, now)));
  return { account, contact, opportunity, events };
}

/**
 * Makes a customer of a lead: an account, unless one is named, a contact and, if so wanted, an opportunity; the lead's tasks,
 * and opportunities that came from it earlier and have no account, gain it. Asked once more for what is so already, it changes nothing.
 */
export function convertLead(runtime: Runtime, viewer: Viewer, conversion: Conversion): Promise<Outcome<Converted>> {
  const actor = actorOf(viewer);
  return commit<Converted>(runtime, actor, runtime.now(), async (tx) => {
    // Whom the opportunity names first: its owner is a member, and members are locked before records.
    const { deal, refusals: ofDeal } = conversion.opportunity
      ? await openDeal(tx, viewer, conversion.opportunity, conversion)
      : nobody;
    const accountId = conversion.accountId ?? undefined;
    const { resolved, refusals: ofAccount } = await resolve(tx, viewer, { accountId }, []);
    const opened = await openRecord(tx, 'LEAD', conversion.id, conversion.expectedVersion);
    if (!opened.ok) return refused(opened.refusal);
    const { row } = opened;
    const { id, uid, convertedAccountId, convertedContactId } = row;
    const refusals = [...ofAccount, ...ofDeal];
    if (row.status === 'CONVERTED') {
      const wish = { accountId: resolved.account?.id ?? null, wantsOpportunity: conversion.opportunity !== null };
      const again = refuseAgain(row, wish);
      if (again || refusals.length > 0) return refused(...(again ? [again] : []), ...refusals);
      const value = { leadId: id, accountId: convertedAccountId, contactId: convertedContactId, opportunityId: null };
      return { ok: true, value, events: [] };
    }
    const now = nowFor(runtime, row);
    const state = await stateOf(tx, LEAD, row);
    const faceless = refuseFaceless(state);
    if (faceless || refusals.length > 0) return refused(...(faceless ? [faceless] : []), ...refusals);
    const handed = { id, uid, state: { ...state, owner: await heirOf(tx, state) } };
    const made = await makeRecords(tx, viewer, handed, resolved.account ?? null, deal, now);
    const { account, contact, opportunity } = made;
    const ids = { convertedAccountId: account.id, convertedContactId: contact.id };
    const subject = { type: 'LEAD', id, uid } as const;
    await writeColumns(tx, subject, { status: 'CONVERTED', ...ids }, now);
    const changes = [
      { field: 'status', from: state.status, to: 'CONVERTED' },
      { field: 'convertedAccountId', from: null, to: encodeId('Account', account.uid) },
      { field: 'convertedContactId', from: null, to: encodeId('Contact', contact.uid) },
    ];
    const follow = await relink(runtime, tx, actor, { ...subject, accountId: account.id, leadId: id }, now);
    const value = { leadId: id, accountId: account.id, contactId: contact.id, opportunityId: opportunity?.id ?? null };
    const events = [...made.events, { kind: 'RECORD_UPDATED', subject, changes } as const, ...follow.events];
    return { ok: true, at: now, value, events, before: follow.before };
  });
}
