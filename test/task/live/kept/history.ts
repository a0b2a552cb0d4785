import { uidOf } from '../../../../src/ids.ts';
import type { Keeper } from './keeper.ts';
import type { Town } from './town.ts';

type Image = Record<string, unknown> | null;

/** What differs between two images. */
function difference(before: Image, after: Image): string {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const changed = [...names].filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  return changed
    .map((name) => `${name}: ${JSON.stringify(before?.[name])} → ${JSON.stringify(after?.[name])}`)
    .join(', ');
}

/** All that is known of the tasks on which a kept list and the list read differ: what the log has, what the client was told. */
export async function historyOf(
  { world, organizationId, clock }: Town,
  keeper: Keeper,
  cards: ReadonlyMap<string, string>,
  wrong: readonly string[],
): Promise<string> {
  const lines: string[] = [`${wrong.length} differ, now ${clock.now.toISOString()}`];
  for (const id of wrong.slice(0, 3)) {
    const uid = uidOf('Task', id) as string;
    lines.push(id, `  read ${cards.get(id) ?? 'not there'}`, `  kept ${keeper.cards.get(id) ?? 'not there'}`);
    const events = await world.prisma.$queryRawUnsafe<
      { seq: bigint; kind: string; at: Date; before: Image; after: Image }[]
    >(
      `SELECT seq, kind::text, at, image_before AS before, image_after AS after FROM event
       WHERE organization_id = $1 AND subject_uid = $2 ORDER BY seq`,
      ...[organizationId, uid],
    );
    for (const { seq, kind, at, before, after } of events.slice(-12)) {
      lines.push(`  log ${seq} ${kind} at ${at.toISOString()} ${difference(before, after)}`);
    }
    lines.push(
      ...keeper.diary
        .filter((line) => line.includes(id) || /^(read|connect|cut|ended)/.test(line))
        .slice(-30)
        .map((line) => `  told ${line}`),
    );
  }
  return lines.join('\n');
}
