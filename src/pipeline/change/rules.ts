import { refusalsOf, refuseName } from '../../limits.ts';
import { Invalid, type Refusal } from '../../refusals.ts';
import { MAX_STAGES, refuseBoth, refuseColor, refuseStage, type StageInput, startOf, wonOf } from '../rules.ts';

// What becomes of a pipeline and its stages. What becomes of the tasks in them follows from that.

export interface StageShape {
  /** Null for one that is new. */
  readonly id: bigint | null;
  readonly uid: string;
  readonly name: string;
  readonly color: string;
  readonly isDefault: boolean;
  readonly isWon: boolean;
}

/** What people may change of a pipeline: its stages stand in their order. */
export interface Shape {
  readonly name: string;
  readonly stages: readonly StageShape[];
}

export type Shaped =
  | { readonly ok: true; readonly shape: Shape }
  | { readonly ok: false; readonly refusals: readonly Refusal[] };

/** Finds a stage of the pipeline by its id as it came, or says why there is none. */
export type Find = (id: string, path: readonly string[]) => StageShape | Refusal;

const isStage = (found: StageShape | Refusal | null): found is StageShape => found !== null && 'uid' in found;
const no = (...refusals: readonly Refusal[]) => ({ ok: false, refusals }) as const;
const shaped = (refusals: readonly Refusal[], shape: () => Shape): Shaped =>
  refusals.length > 0 ? no(...refusals) : { ok: true, shape: shape() };

/** The stages found, and the refusals of those that were not. */
const refusalsIn = (...found: readonly (StageShape | Refusal | null)[]): Refusal[] =>
  found.filter((each): each is Refusal => each !== null && !isStage(each));

/** Stages with their roles given to these. */
const withRoles = (stages: readonly StageShape[], start: StageShape | null, won: StageShape | null): StageShape[] =>
  stages.map((stage) => ({ ...stage, isDefault: stage.uid === start?.uid, isWon: stage.uid === won?.uid }));

export interface PipelineWords {
  readonly name?: string;
  readonly defaultStageId?: string;
  /** Null clears it. */
  readonly wonStageId?: string | null;
}

/** A pipeline with another name, or other stages in the two roles. */
export function changed(shape: Shape, { name, defaultStageId, wonStageId }: PipelineWords, find: Find): Shaped {
  const start = defaultStageId === undefined ? startOf(shape) : find(defaultStageId, ['defaultStageId']);
  const won = wonStageId === undefined ? wonOf(shape) : wonStageId === null ? null : find(wonStageId, ['wonStageId']);
  const isBoth = isStage(start) && isStage(won) && start.uid === won.uid;
  const refusals = [
    ...refusalsOf(
      name === undefined ? null : refuseName(name, ['name']),
      refuseBoth(isBoth, [wonStageId == null ? 'defaultStageId' : 'wonStageId']),
    ),
    ...refusalsIn(start, won),
  ];
  return shaped(refusals, () => ({
    name: name?.trim() ?? shape.name,
    stages: withRoles(shape.stages, start as StageShape | null, won as StageShape | null),
  }));
}

/** A pipeline with one more stage: behind another one, first (null) or last (absent). It takes the roles that it is given. */
export function added(
  shape: Shape,
  uid: string,
  { name, color, isDefault, isWon }: StageInput,
  after: string | null | undefined,
  find: Find,
): Shaped {
  const behind = after == null ? null : find(after, ['afterStageId']);
  const start = startOf(shape);
  const won = wonOf(shape);
  const refusals = [
    ...refuseStage({ name, color, isDefault, isWon }, ['stage']),
    ...refusalsIn(behind),
    ...refusalsOf(
      shape.stages.length >= MAX_STAGES
        ? new Invalid(`A pipeline has at most ${MAX_STAGES} stages.`, ['pipelineId'])
        : null,
      !isDefault && isWon && start === null ? new Invalid('A pipeline has a default stage.', ['stage']) : null,
    ),
  ];
  return shaped(refusals, () => {
    const stage = { id: null, uid, name: name.trim(), color, isDefault, isWon };
    const { stages } = shape;
    const index = stages.findIndex((each) => isStage(behind) && each.uid === behind.uid);
    const at = after === undefined ? stages.length : after === null ? 0 : index + 1;
    return {
      ...shape,
      stages: withRoles(stages.toSpliced(at, 0, stage), isDefault ? stage : start, isWon ? stage : won),
    };
  });
}

/** A pipeline one of whose stages has another name or color. */
export function repainted(
  shape: Shape,
  uid: string,
  words: { readonly name?: string; readonly color?: string },
): Shaped {
  const { name, color } = words;
  const refusals = refusalsOf(
    name === undefined ? null : refuseName(name, ['name']),
    color === undefined ? null : refuseColor(color, ['color']),
  );
  const repaint = (stage: StageShape): StageShape => ({
    ...stage,
    ...(name !== undefined && { name: name.trim() }),
    ...(color !== undefined && { color }),
  });
  return shaped(refusals, () => ({
    ...shape,
    stages: shape.stages.map((stage) => (stage.uid === uid ? repaint(stage) : stage)),
  }));
}

/** A pipeline whose stages stand in another order, which names each of them once. */
export function reordered(shape: Shape, ids: readonly string[], find: Find): Shaped {
  const path = ['stageIds'];
  const { length: count } = shape.stages;
  const named = count === 1 ? 'the pipeline’s only stage' : `each of the pipeline’s ${count} stages`;
  const all = `The new order names ${named} once.`;
  // Longer than it can be, it is not looked through.
  if (ids.length > MAX_STAGES) return no(new Invalid(all, path));
  const found = ids.map((id, index) => find(id, [...path, String(index)]));
  const refusals = refusalsIn(...found);
  const stages = found.filter(isStage);
  const isWhole =
    new Set(stages.map(({ uid }) => uid)).size === shape.stages.length && ids.length === shape.stages.length;
  if (refusals.length === 0 && !isWhole) refusals.push(new Invalid(all, path));
  return shaped(refusals, () => ({ ...shape, stages }));
}
