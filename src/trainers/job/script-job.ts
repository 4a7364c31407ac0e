import { shortRevision } from '../../domain/revision.ts'
import type { Trainer } from '../../domain/training.ts'
import { Refused } from '../../domain/verdict.ts'
import type { JobKind, JobTools } from '../jobs/job-kind.ts'
import { createJobTrainer } from '../jobs/job-trainer.ts'

/**
 * Any image and any script on Hugging Face Jobs, with the dataset mounted at the revision. The model that the script
 * pushes to `AUTO_RETRAIN_MODEL` proves its success, and its card is read for metrics; with `expect-model: false` the
 * script need not push one.
 * https://huggingface.co/docs/hub/jobs
 */
export function createScriptJobTrainer(tools: JobTools): Trainer {
  const kind: JobKind = {
    name: 'job',
    check: ({ image, command }) => {
      if (image === null) {
        throw new Refused('image: the trainer job needs a Docker image, such as python:3.12.')
      }
      if (command === null) {
        throw new Refused('command: the trainer job needs a shell script to run in the image.')
      }
    },
    describe: () => 'Your script runs',
    image: ({ image }) => image ?? '',
    command: ({ recipe }) => ['sh', '-c', recipe.command ?? ''],
    describeSuccess: async ({ revision }) =>
      `The script finished with exit code 0; the dataset was mounted at ${shortRevision(revision)}.`,
  }
  return createJobTrainer(tools, kind)
}
