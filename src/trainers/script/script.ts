import type { PlannedOrder } from '../../domain/plan/training-plan.ts'
import { shortRevision } from '../../domain/revision.ts'
import type { Trainer } from '../../domain/training.ts'
import { Refused } from '../../domain/verdict.ts'
import type { JobKind, JobTools } from '../jobs/job-kind.ts'
import { createJobTrainer } from '../jobs/job-trainer.ts'
import { askedByHeader, codeOf, imageOf, nameOf, reviewCode, variablesOf } from './recipe-settings.ts'
import { reviewCommand, scriptCommand, scriptConfig } from './script-run.ts'
import { isCodeCommit, isCodeLeft, shipCode } from './ship.ts'

/**
 * A Python script of the checkout, or of a URL, on Hugging Face Jobs: uv installs what its header names and runs it. The
 * code is committed to the repository of the run's model and mounted from there, so that it is known which code made a
 * model. https://docs.astral.sh/uv/guides/scripts/
 */
export function createUvScriptTrainer(tools: JobTools): Trainer {
  const { trainingHub } = tools
  const kind: JobKind = {
    name: 'script',
    check: (recipe) => {
      if (recipe.command !== null) {
        throw new Refused(
          'command: the trainer script runs a Python script: remove command, or use trainer: job.',
        )
      }
      codeOf(recipe)
    },
    review: (order) => {
      const { check, step } = reviewCommand(order)
      return {
        steps: [codeStep(order), ...(step === null ? [] : [step])],
        checks: [check, ...reviewCode(order.recipe).checks],
      }
    },
    describe: ({ recipe }) => `${nameOf(recipe)} runs with uv`,
    image: imageOf,
    environment: variablesOf,
    command: scriptCommand,
    config: scriptConfig,
    async prepare(order, { signal, step }) {
      const { volume, revision } = await step('Commit the code', () =>
        shipCode(trainingHub, { order, code: codeOf(order.recipe), signal }),
      )
      const { volumes, labels } = askedByHeader(order.recipe)
      return { volumes: [volume, ...volumes], labels: { ...labels, code: revision } }
    },
    isCodeCommit,
    isLeftover: (order, signal) => isCodeLeft(trainingHub, order, signal),
    describeSuccess: async ({ recipe, revision }) =>
      `${nameOf(recipe)} finished with exit code 0; the dataset was mounted at ${shortRevision(revision)}.`,
  }
  return createJobTrainer(tools, kind)
}

/** Said before the code leaves a private repository. */
function codeStep({ recipe }: PlannedOrder): string {
  const { length } = codeOf(recipe).files
  const what = length === 1 ? 'the script' : `the script and what is shipped with it (${length} files)`
  return (
    `Commit ${what} to the repository of the run's model, which is private; in an organisation all members of ` +
    `${recipe.targetNamespace} can read it`
  )
}
