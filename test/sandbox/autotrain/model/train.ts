import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderPictures } from '../data/folder-pictures.ts'
import { isFolder } from '../data/local-folder.ts'
import { resolvePath } from '../data/paths.ts'
import type { PictureSource, Split } from '../data/pictures.ts'
import { hubPictures, packedPictures } from '../data/pictures.ts'
import { createHubClient } from '../hub.ts'
import { info, log } from '../logger.ts'
import type { Params } from '../params.ts'
import { makeParams } from '../params.ts'
import { PyError, repr, traceback } from '../python.ts'
import type { Example } from './classifier.ts'
import { tidyProject, writeModel } from './model-files.ts'
import { trainClassifier } from './train-classifier.ts'

const MODULE = '__main__:train'

function describeSplit(split: Split | null, source: PictureSource): string {
  if (split === null) return 'None'
  const { image, target } = source.columns
  return `Dataset({\n    features: ${repr([image, target])},\n    num_rows: ${split.labels.length}\n})`
}

function examples(split: Split, classes: readonly string[]): Example[] {
  return split.pixels.map((pixels, index) => ({
    pixels,
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

/**
 * One training of image classification, as AutoTrain's trainer process makes it.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/__main__.py
 */
async function train(params: Params): Promise<void> {
  const hub = createHubClient(params, process.env)
  const isLocal = params.data_path === `${params.project_name}/autotrain-data`
  const source = isLocal
    ? packedPictures(params.data_path)
    : isFolder(resolvePath(params.data_path))
      ? folderPictures(resolvePath(params.data_path))
      : hubPictures({ hubUrl: hub.hubUrl, token: hub.token, dataset: params.data_path })
  const trainSplit = await source.split(params.train_split)
  const validSplit = params.valid_split === null ? null : await source.split(params.valid_split)
  info(`${MODULE}:86`)(`Train data: ${describeSplit(trainSplit, source)}`)
  info(`${MODULE}:87`)(`Valid data: ${describeSplit(validSplit, source)}`)
  checkColumns(params, source)

  const classes = [...new Set(trainSplit.labels)].toSorted()
  info(`${MODULE}:90`)(`Classes: ${repr(classes)}`)
  if (classes.length < 2) throw new PyError('ValueError', 'There must be at least 2 classes.')
  const validClasses = validSplit === null ? classes.length : new Set(validSplit.labels).size
  if (validClasses !== classes.length) {
    throw new PyError('ValueError', `Training has ${classes.length} classes and validation ${validClasses}.`)
  }
  if (!isFolder(params.model)) await hub.requireModel(params.model)

  const steps = loggingSteps(params, trainSplit, validSplit)
  info(`${MODULE}:152`)(`Logging steps: ${steps}`)
  // Before a single step, and without accepting one that is there: a second run of the same name fails here.
  if (params.push_to_hub) await hub.createModel(params)
  info('autotrain.trainers.common:on_train_begin:386')('Starting to train...')
  const fitted = trainClassifier({
    params,
    train: examples(trainSplit, classes),
    valid: validSplit === null ? null : examples(validSplit, classes),
    classes: classes.length,
    loggingSteps: steps,
  })
  info(`${MODULE}:211`)('Finished training, saving model...')
  const { classifier, scores, steps: made } = fitted
  writeModel({ params, classes, weights: classifier.weights, scores, steps: made, isLocal })
  if (!params.push_to_hub) return
  tidyProject(params)
  info(`${MODULE}:225`)('Pushing model to hub...')
  await hub.push(params)
}

const [, , , configPath = join('.', 'training_params.json')] = process.argv
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
