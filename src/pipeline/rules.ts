import { refusalsOf, refuseName } from '../limits.ts';
import { Invalid, type Refusal } from '../refusals.ts';

/** What decisions about a task's place need of a stage. */
export interface StageFacts {
  readonly id: bigint;
  readonly uid: string;
  readonly pipelineId: bigint;
  readonly isDefault: boolean;
  readonly isWon: boolean;
}

/** A pipeline with its stages, in their order; one that is deleted has none. */
export interface Board {
  readonly id: bigint;
  readonly uid: string;
  readonly stages: readonly StageFacts[];
}

export interface StageInput {
  readonly name: string;
  readonly color: string;
  readonly isDefault: boolean;
  readonly isWon: boolean;
}

export interface PipelineInput {
  readonly name: string;
  readonly stages: readonly StageInput[];
}

export const MAX_STAGES = 50;
const COLOR = /^#[0-9a-f]{6}$/i;

export const refuseColor = (color: string, path: readonly string[]): Refusal | null =>
  COLOR.test(color) ? null : new Invalid('A color is written #RRGGBB.', path);

const BOTH = 'The default stage cannot be the won stage: new tasks would be complete.';

/** Why a stage cannot be both; `path` is where the second role is asked for. */
export const refuseBoth = (isBoth: boolean, path: readonly string[]): Refusal | null =>
  isBoth ? new Invalid(BOTH, path) : null;

/** The stage that completes a task, if there is one. */
export const wonOf = <Stage extends { readonly isWon: boolean }>(
  board: { readonly stages: readonly Stage[] } | null,
): Stage | null => board?.stages.find(({ isWon }) => isWon) ?? null;

/** Where a task starts that is put into a pipeline without a stage. */
export const startOf = <Stage extends { readonly isDefault: boolean }>(board: {
  readonly stages: readonly Stage[];
}): Stage | null => board.stages.find(({ isDefault }) => isDefault) ?? board.stages[0] ?? null;

/** What is said of so many tasks that stand somewhere: all of them, or those that are not complete. */
export function standing(count: number, which: 'ALL' | 'INCOMPLETE') {
  const isOne = count === 1;
  const that = which === 'ALL' ? '' : isOne ? ' that is not complete' : ' that are not complete';
  return {
    stand: isOne ? `1 task${that} stands` : `${count} tasks${that} stand`,
    ...(isOne ? { they: 'it', them: 'it' } : { they: 'they', them: 'them' }),
  };
}

/** Why a stage cannot become the won one: so many tasks that are not complete stand in it. */
export function refuseIncomplete(count: number, path: readonly string[], unless = ''): Refusal | null {
  const { stand, them } = standing(count, 'INCOMPLETE');
  return count === 0 ? null : new Invalid(`${stand} in this stage: complete or move ${them} first${unless}.`, path);
}

/** Every reason why a stage cannot be like this. */
export const refuseStage = ({ name, color, isDefault, isWon }: StageInput, path: readonly string[]): Refusal[] =>
  refusalsOf(
    refuseName(name, [...path, 'name']),
    refuseColor(color, [...path, 'color']),
    refuseBoth(isDefault && isWon, [...path, 'isWon']),
  );

/** Why the stages of a pipeline cannot stand together: exactly one is the default one, at most one the won one. */
function refuseRoles(stages: readonly StageInput[], path: readonly string[]): Refusal[] {
  const second = (is: (stage: StageInput) => boolean) => {
    const first = stages.findIndex(is);
    return stages.findIndex((stage, index) => index > first && is(stage));
  };
  const [defaults, won] = [second(({ isDefault }) => isDefault), second(({ isWon }) => isWon)];
  return refusalsOf(
    stages.some(({ isDefault }) => isDefault)
      ? null
      : new Invalid('Mark one stage as the default one, in which new tasks start.', path),
    defaults < 0 ? null : new Invalid('Only one stage is the default one.', [...path, String(defaults), 'isDefault']),
    won < 0 ? null : new Invalid('Only one stage is the won one.', [...path, String(won), 'isWon']),
  );
}

/** Every reason why a pipeline cannot be like this [PARSA-29] [PARSA-30] [PARSA-31]. */
export function refusePipeline({ name, stages }: PipelineInput): Refusal[] {
  const refusals = refusalsOf(refuseName(name, ['name']));
  if (stages.length === 0) return [...refusals, new Invalid('A pipeline has at least one stage.', ['stages'])];
  if (stages.length > MAX_STAGES)
    return [...refusals, new Invalid(`A pipeline has at most ${MAX_STAGES} stages.`, ['stages'])];
  const each = stages.flatMap((stage, index) => refuseStage(stage, ['stages', String(index)]));
  return [...refusals, ...each, ...refuseRoles(stages, ['stages'])];
}
