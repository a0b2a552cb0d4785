import { actorOf, type Viewer } from '../../auth/viewer.ts';
import { differences } from '../../event/changes.ts';
import { commit } from '../../event/log.ts';
import { OPPORTUNITY_DUE, untilFirstRun } from '../../opportunity/due/rules.ts';
import { type Outcome, refused } from '../../refusals.ts';
import type { Runtime } from '../../runtime.ts';
import { firstSweep } from '../../task/rezone/rules.ts';
import { schedule } from '../../work/service.ts';
import { assistantNameOf, decideSettings, SETTINGS, type SettingsPatch } from './rules.ts';
import { lockSettings, renameAssistant, writeSettings } from './store.ts';

/**
 * Changes what an organization decides for all of its people. What is stored by its zone follows by a job: there may be
 * much of it.
 */
export function updateOrganization(
  runtime: Runtime,
  viewer: Viewer,
  patch: SettingsPatch,
): Promise<Outcome<{ readonly id: bigint }>> {
  const value = { id: viewer.organizationId };
  return commit(runtime, actorOf(viewer), runtime.now(), async (tx) => {
    const { uid, settings: before } = await lockSettings(tx);
    const decided = decideSettings(before, patch);
    if (!decided.ok) return refused(...decided.refusals);
    const { after } = decided;
    const changes = differences({ ...before }, { ...after }, SETTINGS);
    if (changes.length === 0) return { ok: true, value, events: [] };
    await writeSettings(tx, after);
    if (after.name !== before.name)
      await renameAssistant(tx, assistantNameOf(before.name), assistantNameOf(after.name));
    const now = runtime.now();
    if (after.timeZone !== before.timeZone) {
      schedule(runtime, tx, firstSweep);
      const inMs = untilFirstRun(now.getTime(), after.timeZone);
      schedule(runtime, tx, { kind: OPPORTUNITY_DUE, due: { inMs } });
    }
    const subject = { type: 'ORGANIZATION', id: viewer.organizationId, uid } as const;
    return { ok: true, at: now, value, events: [{ kind: 'ORGANIZATION_CHANGED', subject, changes }] };
  });
}
