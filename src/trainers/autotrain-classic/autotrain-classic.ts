import * as z from 'zod/mini'
import { defaultRef } from '../../domain/revision.ts'
import { classicTaskId } from '../../domain/tasks.ts'
import type { StartContext, Trainer, TrainingOrder, TrainingRun } from '../../domain/training.ts'
import { NotStarted, Refused } from '../../domain/verdict.ts'
import { answerDetails, nextSentence } from '../../http/answers/refusal-text.ts'
import type { Api } from '../../http/api.ts'
import { HttpError, NoAnswerError } from '../../http/errors.ts'
import { adviseOnHub } from '../../hub/refusals.ts'

/** `split` in the classic API; with `auto` AutoTrain splits off validation data itself. */
const splits = { train: 1, validation: 2, auto: 4 } as const

const projectSchema = z.object({
  id: z.union([z.int(), z.string().check(z.regex(/^[\w-]{1,100}$/))]),
  created: z.optional(z.boolean()),
})

const steps = {
  create: 'Create the AutoTrain project',
  addData: 'Add the dataset to the project',
  process: 'Start processing the data',
} as const

const nextStep = 'review the cost and launch the training in AutoTrain'

/**
 * The trainer of the Hub's guide: three calls prepare a project in AutoTrain's web service, where a person reviews the
 * cost and launches the training. Until then there is nothing to follow or cancel.
 * https://huggingface.co/docs/hub/webhooks-guide-auto-retrain
 *
 * @param options.api AutoTrain's API, with a token for the target namespace
 * @param options.uiUrl base URL of AutoTrain's web pages
 * @param options.hubUrl base URL of the Hub, whose tokens AutoTrain takes
 */
export function createClassicTrainer(options: { api: Api; uiUrl: string; hubUrl: string }): Trainer {
  const { api, uiUrl, hubUrl } = options
  return {
    name: 'autotrain-classic',
    nextStep,
    plan: async ({ recipe }) => {
      if (Object.keys(recipe.params).length > 0) {
        throw new Refused(
          'params: the trainer autotrain-classic does not support hyperparameters: remove them, or use another trainer.',
        )
      }
      if (recipe.ref !== defaultRef) {
        throw new Refused('ref: the trainer autotrain-classic always reads main: use another trainer.')
      }
      if (recipe.image !== null || recipe.command !== null) {
        throw new Refused(
          'image, command: the trainer autotrain-classic supports neither: remove them, or use trainer: job.',
        )
      }
      if (classicTaskId(recipe.task) === null) {
        throw new Refused(
          `task: the trainer autotrain-classic does not support ${recipe.task}: use trainer: autotrain.`,
        )
      }
      return {
        summary: `AutoTrain prepares a project in ${recipe.targetNamespace}; a person launches it`,
        steps: Object.values(steps),
        readsOnlyHead: true,
        hardware: null,
        timeoutMs: null,
        cost: null,
        checks: [],
      }
    },
    start: (order, context) => prepareProject(order, context, { api, uiUrl, hubUrl }),
  }
}

async function prepareProject(
  order: TrainingOrder,
  context: StartContext,
  { api, uiUrl, hubUrl }: { api: Api; uiUrl: string; hubUrl: string },
): Promise<TrainingRun> {
  const { recipe, project } = order
  const post = async <T>(
    title: string,
    path: string,
    answer: z.ZodMiniType<T> | null,
    body?: unknown,
  ): Promise<T> => {
    try {
      return await api.call({ method: 'POST', path, body, answer })
    } catch (error) {
      throw describeFailure(error, title, { hubUrl, owner: recipe.targetNamespace })
    }
  }
  context.assertMayBegin()
  const { id, created } = await context.step(steps.create, () =>
    post(steps.create, '/projects/create', projectSchema, creation(order)).catch(toNotStarted),
  )
  if (created === false) {
    throw new NotStarted(
      `AutoTrain already has a project ${recipe.targetNamespace}/${project}: ` +
        'delete it there, or choose another autotrain-project-prefix.',
    )
  }
  for (const split of dataOf(order)) {
    const title = split.split === splits.validation ? `${steps.addData} (validation)` : steps.addData
    await context.step(title, () => post(title, `/projects/${id}/data/dataset`, null, split))
  }
  await context.step(steps.process, () => post(steps.process, `/projects/${id}/data/start_processing`, null))
  return {
    id: String(id),
    url: `${uiUrl}/${id}/trainings`,
    nextStep,
  }
}

/** A project that AutoTrain refused does not exist; after a lost answer it may. */
function toNotStarted(error: Error): never {
  const { cause } = error
  const isCertain = cause instanceof HttpError && cause.status >= 400 && cause.status < 500
  throw isCertain || (error instanceof NoAnswerError && error.neverSent)
    ? new NotStarted(error.message, { cause: error })
    : error
}

function creation({ recipe, project }: TrainingOrder) {
  const { targetNamespace, inputModel, task } = recipe
  return {
    username: targetNamespace,
    proj_name: project,
    task: classicTaskId(task),
    config: {
      language: task.startsWith('image') ? 'unk' : 'en',
      max_models: 1,
      // The service's key has a hyphen; `hub_model` is the name its old command line used.
      'hub-model': inputModel,
    },
  }
}

function dataOf({ recipe }: TrainingOrder) {
  const { inputDataset, trainSplit, validSplit, columnMapping } = recipe
  const roles = Object.entries(columnMapping).flatMap(([role, columns]) =>
    [columns].flat().map((column) => [column, role.replace(/_(?:column|columns)$/, '')]),
  )
  const data = (name: string, split: number) => ({
    dataset_id: inputDataset,
    dataset_split: name,
    split,
    col_mapping: Object.fromEntries(roles),
  })
  if (validSplit === null) return [data(trainSplit, splits.auto)]
  return [data(trainSplit, splits.train), data(validSplit, splits.validation)]
}

/** AutoTrain's own words, and what to do where they are known; its API is retired, which a page or nothing says. */
function describeFailure(
  error: unknown,
  title: string,
  { hubUrl, owner }: { hubUrl: string; owner: string },
): unknown {
  if (!(error instanceof HttpError)) return error
  const { status, words } = error
  const isRetired = [404, 410].includes(status) && (words === null || /^(?:not found|gone)$/i.test(words))
  const rights = 'give hf-token write access to the target namespace'
  const advice = isRetired
    ? 'this API is retired, use trainer: autotrain'
    : adviseOnHub(error, { hubUrl, owner, rights, missing: rights })
  const message = `"${title}": AutoTrain answered ${status}${answerDetails(error)}.${nextSentence(advice)}`
  return new Error(message, { cause: error })
}
