import { shortRevision } from '../../domain/revision.ts'
import type { Trainer } from '../../domain/training.ts'
import { Refused } from '../../domain/verdict.ts'
import { modelFiles, readModelCard } from '../../hub/models/files.ts'
import { createJobTrainer, type JobKind, type JobTools } from '../jobs/job-trainer.ts'
import { readCardMetrics } from '../output/card-metrics.ts'
import { modelOf } from '../run-environment.ts'

/**
 * Any image and any script on Hugging Face Jobs. The dataset is mounted at the revision; a script that pushes a model
 * to `AUTO_RETRAIN_MODEL` has its card read, and one that does not is as good.
 * https://huggingface.co/docs/hub/jobs
 */
export function createScriptJobTrainer(tools: JobTools): Trainer {
  const kind: JobKind = {
    name: 'job',
    check: ({ image, command }) => {
      if (image === null)
        throw new Refused('image: the trainer job needs a Docker image, such as python:3.12.')
      if (command === null) {
        throw new Refused('command: the trainer job needs a shell script, which runs in the image.')
      }
    },
    what: () => 'A script of your own trains',
    image: ({ image }) => image ?? '',
    script: ({ command }) => command ?? '',
    mounts: () => true,
    prove: async (order, _job, { output, signal }) => {
      const model = modelOf(order)
      const on = `The script ended well; the dataset was mounted at ${shortRevision(order.revision)}`
      const files = await modelFiles(tools.hub, { model, signal })
      if (files === null) {
        return {
          verdict: 'succeeded',
          reason: `${on}. It left no model of that name on the Hub.`,
          metrics: {},
        }
      }
      const card = await readModelCard(tools.hub, { model, signal })
      return { verdict: 'succeeded', reason: `${on}.`, metrics: readCardMetrics(output.hide(card ?? '')) }
    },
  }
  return createJobTrainer(tools, kind)
}
