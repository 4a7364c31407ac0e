import { join } from 'node:path'
import type { ActionRun } from '../../e2e/stage/action-run.ts'
import type { Case } from '../../e2e/stage/stage.ts'
import { names } from '../../sandbox/world.ts'
import { findSeal } from '../autotrain/seal.ts'
import type { readBack } from './publications.ts'

/** The model that a case publishes to. */
export const stableOf = ({ name }: Case) => `${names.org}/${name}-best`
/** What a check compares of a run. */
export const shown = ({ verdict, outputs }: ActionRun) => ({
  verdict,
  published: outputs.published,
  baseline: outputs.baseline,
})
/** What runs printed. */
export const logOf = (runs: readonly ActionRun[]) => runs.flatMap(({ step }) => step.log).join('\n')

/** What is right of every publication. */
export const whole = (left: readonly string[], files: readonly string[]) => ({
  'the tag points at it': true,
  files,
  'left out': left,
  'contents are those of the run': true,
  'downloaded the same': true,
  'the weights alone': true,
})

/** What is right where transformers loads publications. */
export const loaded = {
  'each tag has the weights of its run': true,
  'main has the weights of the newest run': true,
  'two runs have the same weights': false,
  'missing, unexpected or of another size': [],
}

/** Evaluations of the card are shown in one line each. */
export function withResults({ client, transformers }: Awaited<ReturnType<typeof readBack>>): object {
  if (client === undefined) return {}
  const results = client.card.results.map((result) => result.join(' ')).join('\n')
  return { client: { ...client, card: { ...client.card, results } }, transformers }
}

/** Jobs whose AutoTrain is the real one. @param python the Python of its environment */
export function jobsWith(python: string) {
  const { seal } = findSeal()
  const environment = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' }
  return { real: { autotrain: join(python, '../..'), environment, seal } }
}
