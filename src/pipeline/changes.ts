import type { Outward } from '../event/changes.ts';
import { encodeId } from '../ids.ts';

interface Told {
  readonly name: string;
  readonly stages: readonly {
    readonly uid: string;
    readonly name: string;
    readonly color: string;
    readonly isDefault: boolean;
    readonly isWon: boolean;
  }[];
}

/** A pipeline as the log tells of it, its stages in their order. */
export function outward({ name, stages }: Told): Outward {
  const idOf = (stage: Told['stages'][number] | undefined) => (stage ? encodeId('Stage', stage.uid) : null);
  return {
    name,
    defaultStageId: idOf(stages.find(({ isDefault }) => isDefault)),
    wonStageId: idOf(stages.find(({ isWon }) => isWon)),
    stages: stages.map(({ uid, name, color, isDefault, isWon }) => ({
      id: encodeId('Stage', uid),
      name,
      color,
      isDefault,
      isWon,
    })),
  };
}
