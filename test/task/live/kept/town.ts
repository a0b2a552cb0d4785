import { Temporal } from 'temporal-polyfill';
import type { Role } from '../../../../src/db/generated/prisma/enums.ts';
import { commit } from '../../../../src/event/log.ts';
import { encodeId, newUid, uidOf } from '../../../../src/ids.ts';
import type { Answer, Caller, Gateway } from '../../../support/gateway.ts';
import { poolsOf } from '../../model/drawn.ts';
import { INSTANTS, MOMENTS, NOW, plantModel } from '../../model/planted.ts';
import { World } from '../../world.ts';
import type { Dice } from './dice.ts';

export const ZONES = ['UTC', 'Europe/Paris', 'America/Los_Angeles', 'Pacific/Kiritimati', '-08:00'] as const;
/** Some days before the dates that the planted tasks have. */
export const BEGIN = new Date('2026-03-27T18:00:00Z');

const MINUTE = 60_000;

/** The one clock of all gateways; it goes forward only, when it is told to. */
export interface Clock {
  now: Date;
}

interface PipelineShown {
  readonly id: string;
  readonly stages: readonly { readonly id: string }[];
}

/** An organization in which things happen: who is there, what there is by its ids, and the clock that all look at. */
export class Town {
  readonly world: World;
  readonly gateways: readonly Gateway[];
  readonly clock: Clock;
  readonly callers: Readonly<Record<'admin' | 'member' | 'limited' | 'viewer', Caller>>;
  /** Ids of what there is, old and new; of records, those in the bin too. */
  readonly tasks: string[] = [];
  readonly accounts: string[] = [];
  readonly contacts: string[] = [];
  readonly leads: string[] = [];
  readonly opportunities: string[] = [];
  readonly activities: string[] = [];
  pipelines: readonly PipelineShown[] = [];
  /** Instants at which something is due. */
  readonly due: number[] = [];
  readonly #drawn: ReturnType<typeof poolsOf>;

  private constructor(
    world: World,
    gateways: readonly Gateway[],
    clock: Clock,
    callers: Town['callers'],
    drawn: ReturnType<typeof poolsOf>,
  ) {
    this.world = world;
    this.gateways = gateways;
    this.clock = clock;
    this.callers = callers;
    this.#drawn = drawn;
  }

  static async found(gateways: readonly Gateway[], clock: Clock, seed: number, tasks: number): Promise<Town> {
    clock.now = BEGIN;
    const [gateway] = gateways as [Gateway];
    const organization = await gateway.organization(`Town ${seed}`);
    const name = (who: string) => `${who}@town${newUid().toLowerCase()}.example`;
    const join = (who: string, role: Role, crmAccess = true) =>
      gateway.member(organization, { email: name(who), role, crmAccess });
    const callers = {
      admin: await join('ada', 'ADMIN'),
      member: await join('max', 'MEMBER'),
      limited: await join('lim', 'MEMBER', false),
      viewer: await join('vic', 'VIEWER'),
    };
    const world = Object.assign(Object.create(World.prototype) as World, {
      ...{ gateway, organization, admin: callers.admin, member: callers.member },
      other: { organization, admin: callers.admin },
    });
    const { cast, tasks: planted } = await plantModel(world, callers.limited, tasks, seed);
    const keys = planted.map(({ key }) => key);
    const town = new Town(world, gateways, clock, callers, poolsOf(cast, keys));
    const ids = (known: readonly { readonly key: string }[]) => known.map(({ key }) => key);
    town.tasks.push(...keys);
    town.accounts.push(...ids(cast.accounts));
    town.contacts.push(...ids(cast.contacts));
    town.leads.push(...ids(cast.leads));
    town.opportunities.push(...ids(cast.opportunities));
    town.activities.push(...ids(cast.activities));
    town.due.push(...INSTANTS.map((text) => Date.parse(text)));
    for (const title of ['Sales', 'Care']) await town.#addPipeline(title);
    await town.look();
    return town;
  }

  async #addPipeline(name: string): Promise<void> {
    const stages = ['In', 'On', 'Won'].map((stage, n) => ({
      ...{ name: stage, color: '#123456', isDefault: n === 0, isWon: n === 2 },
    }));
    const text = 'mutation ($input: CreatePipelineInput!) { createPipeline(input: $input) { errors { message } } }';
    await this.ask('admin', text, { input: { name, stages } });
  }

  get organizationId(): bigint {
    return this.world.organization.id;
  }

  get people(): string[] {
    return Object.values(this.callers).map(({ userId }) => userId);
  }

  get stages(): string[] {
    return this.pipelines.flatMap(({ stages }) => stages.map(({ id }) => id));
  }

  try<Data>(who: keyof Town['callers'], document: string, variables: object, at: number): Promise<Answer<Data>> {
    const gateway = this.gateways[at % this.gateways.length] as Gateway;
    return gateway.send<Data, object>(this.callers[who], document, variables);
  }

  ask<Data>(who: keyof Town['callers'], document: string, variables: object = {}): Promise<Data> {
    return this.world.gateway.ask<Data, object>(this.callers[who], document, variables);
  }

  /** Reads the pipelines anew, which writers change. */
  async look(): Promise<void> {
    const { pipelines } = await this.ask<{ pipelines: PipelineShown[] }>('admin', '{ pipelines { id stages { id } } }');
    this.pipelines = pipelines;
  }

  /** Sets the clock, and has every gateway look at it, as a timer or a poll would. */
  turn(to: number): void {
    this.clock.now = new Date(Math.max(to, this.clock.now.getTime()));
    for (const { app } of this.gateways) app.runtime.follower.ring(this.organizationId);
  }

  /** The next midnight in a zone. */
  midnight(zone: string, days = 1): number {
    const now = Temporal.Instant.fromEpochMilliseconds(this.clock.now.getTime()).toZonedDateTimeISO(zone);
    return now.toPlainDate().add({ days }).toZonedDateTime(zone).epochMilliseconds;
  }

  /** A date as a writer would give it: often near now, or where a day begins somewhere. */
  date(dice: Dice): string | null {
    const now = this.clock.now.getTime();
    if (dice.onceIn(8)) return null;
    if (dice.onceIn(2)) return new Date(now + (dice.below(6) - 2) * 1_440 * MINUTE).toISOString().slice(0, 10);
    const offset = dice.of([-MINUTE, 0, 1, 2, 1_000, MINUTE, MINUTE, 5 * MINUTE, 90 * MINUTE, 1_440 * MINUTE]);
    const instant = dice.onceIn(3) ? this.midnight(dice.of(ZONES)) + dice.below(3) - 1 : now + offset;
    this.due.push(instant);
    return new Date(instant).toISOString();
  }

  /** What filters name: what was planted, what has come since, and moments near the clock. */
  pools(): ReturnType<typeof poolsOf> {
    const now = this.clock.now.getTime();
    const day = (days: number) => new Date(now + days * 1_440 * MINUTE).toISOString().slice(0, 10);
    const moments = [...MOMENTS, NOW.toISOString(), this.clock.now.toISOString(), new Date(now + MINUTE).toISOString()];
    return {
      ...this.#drawn,
      id: [...this.tasks.slice(-12), 'junk', this.accounts[0] as string],
      leadId: [...this.leads.slice(-4), 'junk'],
      accountId: [...this.accounts.slice(0, 4), 'junk', encodeId('Account', newUid())],
      opportunityId: [...this.opportunities.slice(0, 5), 'junk'],
      contactId: [...this.contacts.slice(0, 5), 'junk'],
      activityId: [...this.activities.slice(0, 5), 'junk'],
      pipelineId: [...this.pipelines.map(({ id }) => id), 'junk'],
      stageId: [...this.stages, 'junk'],
      ...{ createdAt: moments, updatedAt: moments, completedAt: moments },
      date: [day(-1), day(0), day(1), day(2), ...this.due.slice(-4).map((at) => new Date(at).toISOString())],
    };
  }

  /** Gives someone the sight of all, or takes it from them, as an administrator would. */
  async allow(who: keyof Town['callers'], crmAccess: boolean): Promise<void> {
    const { world, organizationId, clock } = this;
    const user = uidOf('User', this.callers[who].userId) as string;
    const { id: userId } = await world.prisma.user.findUniqueOrThrow({ where: { uid: user } });
    const actor = { organizationId, userId: world.organization.assistantId, kind: 'SYSTEM' } as const;
    await commit(world.gateway.app.runtime, actor, clock.now, async ({ prisma }) => {
      const where = { organizationId_userId: { organizationId, userId } };
      const { uid } = await prisma.membership.update({ where, data: { crmAccess } });
      const changes = [{ field: 'crmAccess', from: !crmAccess, to: crmAccess }];
      const subject = { type: 'MEMBERSHIP', id: userId, uid } as const;
      return { ok: true, value: null, events: [{ kind: 'MEMBERSHIP_CHANGED', subject, changes }] };
    });
  }
}
