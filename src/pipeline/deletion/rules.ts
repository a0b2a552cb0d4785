import { refusalsOf } from '../../limits.ts';
import { Invalid, type Refusal } from '../../refusals.ts';
import type { Find, Shape, StageShape } from '../change/rules.ts';
import { refuseBoth, standing, startOf, wonOf } from '../rules.ts';

/** What is said of a stage that is to be deleted; null where nothing is. */
export interface Heirs {
  readonly moveTasksToStageId: string | null;
  readonly newDefaultStageId: string | null;
  readonly newWonStageId: string | null;
}

/** The tasks that stand in what is to be deleted. */
interface Cards {
  readonly cards: number;
  readonly incomplete: number;
}

type Planned =
  | { readonly ok: true; readonly shape: Shape; readonly to: StageShape | null }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/**
 * Why tasks cannot go there: open ones would stand in a won stage. `to` is null where nothing was said, and a refusal
 * where it was not found.
 */
export function refuseTarget(
  { cards, incomplete }: Cards,
  to: StageShape | Refusal | null,
  isWon: boolean,
  what: 'stage' | 'pipeline',
): Refusal | null {
  const path = ['moveTasksToStageId'];
  if (to === null) {
    const { stand, them } = standing(cards, 'ALL');
    return cards === 0 ? null : new Invalid(`${stand} in this ${what}: say where to move ${them}.`, path);
  }
  if (!('uid' in to)) return to;
  if (!isWon || incomplete === 0) return null;
  const { stand, they } = standing(incomplete, 'INCOMPLETE');
  return new Invalid(`${stand} in this ${what}: ${they} cannot go to a won stage.`, path);
}

/** Finds an heir among the stages that stay. */
function heir(id: string | null, field: keyof Heirs, gone: StageShape, find: Find): StageShape | Refusal | null {
  const found = id === null ? null : find(id, [field]);
  return found && 'uid' in found && found.uid === gone.uid
    ? new Invalid('This is the stage that is deleted.', [field])
    : found;
}

const refusalIn = (found: StageShape | Refusal | null): Refusal | null => (found && !('uid' in found) ? found : null);
const stageIn = (found: StageShape | Refusal | null): StageShape | null => (found && 'uid' in found ? found : null);

/** A pipeline without one of its stages, whose roles go to those that are named and whose tasks to `to`. */
export function without(shape: Shape, gone: StageShape, heirs: Heirs, cards: Cards, find: Find): Planned {
  const start = heir(heirs.newDefaultStageId, 'newDefaultStageId', gone, find);
  const won = heir(heirs.newWonStageId, 'newWonStageId', gone, find);
  const to = heir(heirs.moveTasksToStageId, 'moveTasksToStageId', gone, find);
  const [newStart, newWon] = [
    gone.isDefault ? stageIn(start) : startOf(shape),
    gone.isWon ? stageIn(won) : wonOf(shape),
  ];
  const only = shape.stages.length === 1;
  const refusals = refusalsOf(
    only ? new Invalid('A pipeline has at least one stage; delete the pipeline instead.', ['id']) : null,
    refusalIn(start),
    refusalIn(won),
    gone.isDefault && start === null && !only
      ? new Invalid('This is the default stage: say which stage tasks start in from now on.', ['newDefaultStageId'])
      : null,
    !gone.isDefault && stageIn(start)
      ? new Invalid('This is not the default stage; to change that one, update the pipeline.', ['newDefaultStageId'])
      : null,
    !gone.isWon && stageIn(won)
      ? new Invalid('This is not the won stage; to change that one, update the pipeline.', ['newWonStageId'])
      : null,
    refuseBoth(newStart !== null && newStart.uid === newWon?.uid, [gone.isWon ? 'newWonStageId' : 'newDefaultStageId']),
    refuseTarget(cards, to, stageIn(to) !== null && stageIn(to)?.uid === newWon?.uid, 'stage'),
  );
  if (refusals.length > 0) return { ok: false, refusals };
  const stages = shape.stages
    .filter(({ uid }) => uid !== gone.uid)
    .map((stage) => ({ ...stage, isDefault: stage.uid === newStart?.uid, isWon: stage.uid === newWon?.uid }));
  return { ok: true, shape: { ...shape, stages }, to: stageIn(to) };
}
