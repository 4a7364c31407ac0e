import { isShipped, type ShippedCode } from '../../domain/code.ts'
import type { Recipe } from '../../domain/recipe.ts'
import { shortRevision } from '../../domain/revision.ts'
import type { Trainer, TrainingOrder } from '../../domain/training.ts'
import { Refused } from '../../domain/verdict.ts'
import { mountPath } from '../autotrain/dataset-layout.ts'
import type { JobKind, JobTools } from '../jobs/job-kind.ts'
import { createJobTrainer } from '../jobs/job-trainer.ts'
import { modelOf } from '../run-environment.ts'
import { codePath, isCodeLeft, shipCode } from './ship.ts'

/**
 * The image of uv's makers with a pinned uv and Python. The client's own default (`hf jobs uv run`) has had no new uv
 * since February 2026, when the makers stopped the tags of bookworm.
 * https://docs.astral.sh/uv/guides/integration/docker/#available-images
 */
const defaultImage = 'ghcr.io/astral-sh/uv:0.13.9-python3.12-trixie'

/**
 * What every Job gets: output line by line; no silent download of a Python that the image lacks; and an environment
 * outside of the read-only code where a project is found beside the script.
 * https://docs.astral.sh/uv/reference/environment/
 */
const uvEnvironment = {
  PYTHONUNBUFFERED: '1',
  UV_PYTHON_DOWNLOADS: 'never',
  UV_PROJECT_ENVIRONMENT: '/tmp/venv',
}

/**
 * A Python script of the checkout, or of a URL, on Hugging Face Jobs: uv installs what its header names and runs it. The
 * code is committed to the repository of the run's model and mounted from there, so that it is known which code made a
 * model. https://docs.astral.sh/uv/guides/scripts/
 */
export function createUvScriptTrainer(tools: JobTools): Trainer {
  const { trainingHub } = tools
  const kind: JobKind = {
    name: 'script',
    check: ({ code, command }) => {
      if (command !== null) {
        throw new Refused('command: the trainer script runs a Python script: remove command, or use trainer: job.')
      }
      if (isShipped(code)) return
      const { problem = 'script: the code was not read.', passes = false } = code ?? {}
      throw passes ? new Error(problem) : new Refused(problem)
    },
    review: ({ recipe }) => reviewScript(recipe),
    describe: ({ recipe }) => `${nameOf(recipe)} runs with uv`,
    image: ({ image }) => image ?? defaultImage,
    environment: () => uvEnvironment,
    command: (order) => scriptCommand(order),
    config: scriptConfig,
    async prepare(order, { signal, step }) {
      const { volume, revision } = await step('Commit the code', () =>
        shipCode(trainingHub, { order, code: codeOf(order.recipe), signal }),
      )
      return { volumes: [volume], labels: { code: revision } }
    },
    isLeftover: (order, signal) => isCodeLeft(trainingHub, order, signal),
    describeSuccess: async ({ recipe, revision }) =>
      `${nameOf(recipe)} finished with exit code 0; the dataset was mounted at ${shortRevision(revision)}.`,
  }
  return createJobTrainer(tools, kind)
}
