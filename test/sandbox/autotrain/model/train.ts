import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderPictures } from '../data/folder-pictures.ts'
import { isFolder } from '../data/local-folder.ts'
import { resolvePath } from '../data/paths.ts'
import type { PictureSource, Split } from '../data/pictures.ts'
import { hubPictures, packedPictures } from '../data/pictures.ts'
import type { HubClient } from '../hub.ts'
import { createHubClient } from '../hub.ts'
import { info, log } from '../logger.ts'
import type { Params } from '../params.ts'
import { makeParams } from '../params.ts'
import { PyError, repr, traceback } from '../python.ts'
import { warnOfNewHead, warnOfUpdate } from '../warnings.ts'
import type { Example } from './classifier.ts'
import { tidyProject, writeModel } from './model-files.ts'
import type { Progress } from './progress.ts'
import { createRuns } from './runs.ts'
import { trainClassifier } from './train-classifier.ts'

const MODULE = '__main__:train'
const RUNS_EVERY_MS = 600_000

function describeSplit(split: Split | null, source: PictureSource): string {
  if (split === null) return 'None'
  const { image, target } = source.columns
  return `Dataset({\n    features: ${repr([image, target].filter((name) => name !== null))},\n    num_rows: ${split.labels.length}\n})`
}

function examples(split: Split, classes: readonly string[]): Example[] {
  return split.pictures.map((picture, index) => ({
    // Decoded when it is first trained on: a broken picture shows late, as in the original.
    get pixels() {
      return picture()
    },
    label: classes.indexOf(split.labels[index] ?? ''),
  }))
}

function checkColumns(params: Params, source: PictureSource): void {
  for (const name of [params.target_column, params.image_column]) {
    if (!Object.values(source.columns).includes(name)) throw new PyError('KeyError', repr(name))
  }
}

function loggingSteps(params: Params, train: Split, valid: Split | null): number {
  if (params.logging_steps !== -1) return params.logging_steps
  const rows = (valid ?? train).labels.length
  return Math.min(25, Math.max(1, Math.trunc((0.2 * rows) / params.batch_size)))
}

/** What was logged is pushed at the first step, and every ten minutes from then on. */
function uploadingRuns(hub: HubClient, params: Params): (progress: Progress) => Promise<void> {
  let uploadedAt = Number.NEGATIVE_INFINITY
  return async ({ bars }) => {
    const isDue = Date.now() - uploadedAt >= RUNS_EVERY_MS
    if (!params.push_to_hub || !isDue || !isFolder(join(params.project_name, 'runs'))) return
    uploadedAt = Date.now()
    await hub.pushRuns(params, bars)
  }
}

/**
 * One training of image classification, as AutoTrain's trainer process makes it.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/__main__.py
 */
async function train(params: Params): Promise<void> {
  const hub = createHubClient(params, process.env)
  const isPacked = params.data_path === `${params.project_name}/autotrain-data`
  // The card names no dataset that is a folder.
  const isLocal = isPacked || isFolder(resolvePath(params.data_path))
  const source = isPacked
    ? packedPictures(params.data_path)
    : isLocal
      ? folderPictures(resolvePath(params.data_path))
      : hubPictures({ hubUrl: hub.hubUrl, token: hub.token, dataset: params.data_path })
  const trainSplit = await source.split(params.train_split)
  const validSplit = params.valid_split === null ? null : await source.split(params.valid_split)
  info(`${MODULE}:86`)(`Train data: ${describeSplit(trainSplit, source)}`)
  info(`${MODULE}:87`)(`Valid data: ${describeSplit(validSplit, source)}`)
  checkColumns(params, source)

  const classes = [...new Set(trainSplit.labels)].toSorted()
  info(`${MODULE}:90`)(`Classes: ${repr(classes)}`)
  if (classes.length < 2) {
    throw new PyError('ValueError', 'Invalid number of classes. Must be greater than 1.')
  }
  const validClasses = validSplit === null ? classes.length : new Set(validSplit.labels).size
  if (validClasses !== classes.length) {
    const counts = `Training has ${classes.length} and valid has ${validClasses}`
    throw new PyError('ValueError', `Number of classes in train and valid are not the same. ${counts}`)
  }
  if (!isFolder(params.model)) await hub.requireModel(params.model)
  warnOfNewHead({ model: params.model, classes: classes.length })

  const steps = loggingSteps(params, trainSplit, validSplit)
  info(`${MODULE}:152`)(`Logging steps: ${steps}`)
  // Before a single step, and without accepting one that is there: a second run of the same name fails here.
  if (params.push_to_hub) await hub.createModel(params)
  info('autotrain.trainers.common:on_train_begin:386')('Starting to train...')
  const runs = createRuns(params)
  runs.open(0)
  const { classifier, best, measure } = await trainClassifier({
    params,
    train: examples(trainSplit, classes),
    valid: validSplit === null ? null : examples(validSplit, classes),
    classes: classes.length,
    loggingSteps: steps,
    afterStep: uploadingRuns(hub, params),
  })
  runs.close()
  info(`${MODULE}:211`)('Finished training, saving model...')
  if (best !== null) runs.open(1)
  writeModel({ params, classes, weights: classifier.weights, scores: measure(), best, isLocal })
  if (!params.push_to_hub) return
  tidyProject(params)
  info(`${MODULE}:225`)('Pushing model to hub...')
  await hub.push(params)
}

const [, , , configPath = join('.', 'training_params.json')] = process.argv
warnOfUpdate(process.env)
const params = makeParams(JSON.parse(readFileSync(configPath, 'utf8')))
try {
  await train(params)
} catch (error) {
  // Whatever goes wrong is only printed: this process, and the one that waits for it, end with 0.
  const place = 'autotrain.trainers.common:wrapper'
  const frames = [
    'autotrain/trainers/common.py:wrapper',
    'autotrain/trainers/image_classification/__main__.py:train',
  ]
  log('ERROR', `${place}:215`, `train has failed due to an exception: ${traceback(error, frames)}\n`)
  log('ERROR', `${place}:216`, String((error as Error).message))
}
