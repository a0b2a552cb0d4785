import type { Tx } from '../../db/database.ts';
import type { RecordType } from '../../db/generated/prisma/enums.ts';
import { uidOf } from '../../ids.ts';
import { Conflict, NotAllowed, NotFound, type Refusal } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { RECORD_NAMES } from '../names.ts';
import type { RecordRows } from '../store.ts';
import { holdRecord } from './store.ts';

export type Opened<Row> = { readonly ok: true; readonly row: Row } | { readonly ok: false; readonly refusal: Refusal };

const no = (refusal: Refusal) => ({ ok: false, refusal }) as const;

/** A record by its id, locked, in the bin or not. */
export async function holdById<Type extends RecordType>(
  tx: Tx,
  type: Type,
  id: string,
): Promise<Opened<RecordRows[Type]>> {
  const uid = uidOf(RECORD_NAMES[type], id);
  const row = uid === null ? null : await holdRecord(tx, type, uid);
  return row ? { ok: true, row } : no(new NotFound(`There is no such ${type.toLowerCase()}.`, ['id']));
}

/** A record that may be written to, locked, at the version that is expected. */
export async function openRecord<Type extends RecordType>(
  tx: Tx,
  type: Type,
  id: string,
  expectedVersion: number | null,
): Promise<Opened<RecordRows[Type]>> {
  const held = await holdById(tx, type, id);
  if (!held.ok) return held;
  const { version, deletedAt } = held.row;
  const what = type.toLowerCase();
  if (expectedVersion !== null && expectedVersion !== version) {
    const message = `This ${what} changed since you read it: it is at version ${version}.`;
    return no(new Conflict(message, ['expectedVersion'], version));
  }
  return deletedAt ? no(new NotAllowed(`This ${what} is deleted; restore it first.`, ['id'])) : held;
}

/** The clock once a record is locked, and never before its last change: a newer version is never dated earlier. */
export const nowFor = ({ now }: Pick<Runtime, 'now'>, { updatedAt }: { readonly updatedAt: Date }): Date =>
  new Date(Math.max(now().getTime(), updatedAt.getTime()));
