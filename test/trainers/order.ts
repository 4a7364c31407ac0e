import type { Recipe } from '../../src/domain/recipe.ts'
import type { StartContext, TrainingOrder, TrainingProgress } from '../../src/domain/training.ts'
import { resolveRecipes } from '../../src/recipe/resolve.ts'

/** @returns a recipe for handwritten digits, with changes */
export function recipe(change: Partial<Recipe> = {}): Recipe {
  const [valid] = resolveRecipes({
    file: null,
    inputs: {
      'input-dataset': 'ann/digits',
      'input-model': 'microsoft/resnet-50',
      'target-namespace': 'ann',
    },
  })
  if (valid === undefined) throw new Error('The inputs of the test make no recipe.')
  return { ...valid, trainer: 'autotrain', ...change }
}

/** @returns an order of such a recipe */
export function order(change: Partial<Recipe> = {}, rest: Partial<TrainingOrder> = {}): TrainingOrder {
  return {
    recipe: recipe(change),
    revision: 'a'.repeat(40),
    project: 'digits-1',
    nonce: 'n0nce0123456',
    key: 'ann-autotrain-12ab34cd',
    ledger: '0a1b2c3d',
    ...rest,
  }
}

/** Everything that a trainer reported. */
export interface Recorded extends StartContext {
  readonly lines: string[]
  readonly progresses: TrainingProgress[]
}

/** @returns a context that records everything */
export function listen(options: { signal?: AbortSignal; onLine?: (line: string) => void } = {}): Recorded {
  const { signal = new AbortController().signal, onLine } = options
  const lines: string[] = []
  const progresses: TrainingProgress[] = []
  return {
    lines,
    progresses,
    signal,
    assertMayBegin: () => undefined,
    step: (_title, work) => work(),
    log: (line) => {
      lines.push(line)
      onLine?.(line)
    },
    progress: (progress) => {
      progresses.push(progress)
    },
  }
}
