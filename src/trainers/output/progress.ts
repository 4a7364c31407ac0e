import type { Recipe } from '../../domain/recipe.ts'
import type { TrainingProgress } from '../../domain/training.ts'
import type { RunOutput } from './run-output.ts'

/** Returns how far a run is: its epoch comes from its log, the rest from the caller. */
export function progressOf(
  { params }: Recipe,
  options: Pick<TrainingProgress, 'stage' | 'elapsedMs' | 'cost'> & { output: RunOutput },
): TrainingProgress {
  const { output, ...known } = options
  const { epochs } = params
  return {
    ...known,
    epoch: output.metrics.epoch,
    epochs: typeof epochs === 'number' ? epochs : null,
  }
}
