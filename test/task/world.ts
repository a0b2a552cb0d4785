import { beforeAll } from 'vitest';
import type { RecordType, TaskKind, TaskStatus } from '../../src/db/generated/prisma/enums.ts';
import { decodeId, encodeId, newUid } from '../../src/ids.ts';
import { type Caller, type Gateway, type GatewayOptions, useGateway } from '../support/gateway.ts';

/** A record as tests speak of it: its outward id and the inner one. */
export interface Known {
  readonly uid: string;
  readonly id: bigint;
  /** The outward one. */
  readonly key: string;
}

/** An organization with people and records, and another one beside it of which it must never hear. */
export class World {
  readonly gateway: Gateway;
  readonly organization: { readonly id: bigint; readonly assistantId: bigint };
  readonly admin: Caller;
  readonly member: Caller;
  readonly other: {
    readonly organization: { readonly id: bigint; readonly assistantId: bigint };
    readonly admin: Caller;
  };

  private constructor(
    gateway: Gateway,
    organization: World['organization'],
    admin: Caller,
    member: Caller,
    other: World['other'],
  ) {
    this.gateway = gateway;
    this.organization = organization;
    this.admin = admin;
    this.member = member;
    this.other = other;
  }

  static async make(gateway: Gateway, timeZone = 'UTC'): Promise<World> {
    const organization = await gateway.organization('Ours', timeZone);
    const foreign = await gateway.organization('Theirs');
    return new World(
      gateway,
      organization,
      await gateway.member(organization, { email: 'ada@ours.example', role: 'ADMIN' }),
      await gateway.member(organization, { email: 'max@ours.example' }),
      { organization: foreign, admin: await gateway.member(foreign, { email: 'otto@theirs.example', role: 'ADMIN' }) },
    );
  }

  get prisma() {
    return this.gateway.app.runtime.db.prisma;
  }

  /** The inner id of a person. */
  async idOf({ userId }: Caller): Promise<bigint> {
    const { uid } = decodeId(userId) as { uid: string };
    return (await this.prisma.user.findUniqueOrThrow({ where: { uid } })).id;
  }

  /** Puts a record there, as no mutation needs to be able to yet. */
  async record(
    type: RecordType,
    more: Partial<Record<'accountId' | 'contactId' | 'leadId' | 'convertedAccountId', bigint>> & {
      readonly name?: string;
      readonly deletedAt?: Date;
      readonly organizationId?: bigint;
    } = {},
  ): Promise<Known> {
    const organizationId = more.organizationId ?? this.organization.id;
    const creatorId =
      organizationId === this.organization.id ? this.organization.assistantId : this.other.organization.assistantId;
    const at = new Date('2026-01-01T00:00:00Z');
    const data = {
      name: `A ${type.toLowerCase()}`,
      ...more,
      organizationId,
      creatorId,
      uid: newUid(),
      createdAt: at,
      updatedAt: at,
    };
    const select = { id: true, uid: true } as const;
    const { prisma } = this;
    const create = {
      ACCOUNT: () => prisma.account.create({ data, select }),
      CONTACT: () => prisma.contact.create({ data, select }),
      LEAD: () => prisma.lead.create({ data, select }),
      OPPORTUNITY: () => prisma.opportunity.create({ data, select }),
    }[type];
    const { id, uid } = await create();
    const prefix = { ACCOUNT: 'Account', CONTACT: 'Contact', LEAD: 'Lead', OPPORTUNITY: 'Opportunity' } as const;
    return { id, uid, key: encodeId(prefix[type], uid) };
  }

  /** Puts tasks there as they are, in this order of their ids; of any kind, which no mutation can make. */
  async tasks(rows: readonly TaskSketch[]): Promise<Known[]> {
    const organizationId = this.organization.id;
    const at = new Date('2026-01-01T00:00:00Z');
    const uids = rows.map(() => newUid());
    await this.prisma.task.createMany({
      data: rows.map(({ day, instant, status = 'PENDING', createdAt = at, accountId, assigneeId, ...row }, index) => ({
        title: `Task ${index}`,
        creatorId: this.organization.assistantId,
        timelineAt: at,
        updatedAt: createdAt,
        ...row,
        createdAt,
        status,
        ...(status === 'COMPLETED' && { completedAt: at, completedById: this.organization.assistantId }),
        ...(accountId != null && { accountId, linkedType: 'ACCOUNT' as const }),
        assigneeId: assigneeId ?? null,
        organizationId,
        uid: uids[index] as string,
        dueOn: day === undefined ? null : new Date(`${day}T00:00:00Z`),
        dueAt: instant === undefined ? null : new Date(instant),
      })),
    });
    const made = await this.prisma.task.findMany({
      where: { organizationId, uid: { in: uids } },
      select: { id: true, uid: true },
    });
    const ids = new Map(made.map(({ id, uid }) => [uid, id]));
    return uids.map((uid) => ({ uid, id: ids.get(uid) as bigint, key: encodeId('Task', uid) }));
  }

  clear() {
    return this.prisma.task.deleteMany({ where: { organizationId: this.organization.id } });
  }
}

export interface TaskSketch {
  readonly title?: string;
  readonly kind?: TaskKind;
  readonly status?: TaskStatus;
  /** Its date, if it is a day; else, in milliseconds, if it is an instant. */
  readonly day?: string | undefined;
  readonly instant?: number | undefined;
  readonly createdAt?: Date;
  readonly accountId?: bigint | null;
  readonly assigneeId?: bigint | null;
  readonly creatorId?: bigint;
}

/** A world for the file, on a gateway and a database of its own. */
export function useWorld(options?: GatewayOptions, timeZone?: string): () => World {
  const gateway = useGateway(options);
  let world: World | undefined;
  beforeAll(async () => {
    world = await World.make(gateway(), timeZone);
  });
  return () => world as World;
}
