import type { Check } from '../lane.ts'
import { trainingCheck } from './trainings.ts'

const params = (more: object = {}) => JSON.stringify({ epochs: 3, batch_size: 8, lr: 0.001, ...more })

const images = {
  task: 'image-classification',
  'input-model': 'ann/tiny-vit',
  'column-mapping': '{image_column: image, target_column: label}',
  params: params(),
}
const text = {
  task: 'text-classification',
  'input-model': 'ann/tiny-bert',
  'column-mapping': '{text_column: text, target_column: target}',
  params: params(),
}
const tokens = {
  task: 'token-classification',
  'input-model': 'ann/tiny-bert',
  'column-mapping': '{tokens_column: tokens, tags_column: tags}',
  params: params(),
}

/** The metrics that AutoTrain measures for more than two classes, and the loss of the training. */
const manyClasses = [
  'eval_accuracy',
  'eval_f1_macro',
  'eval_f1_micro',
  'eval_f1_weighted',
  'eval_loss',
  'eval_precision_macro',
  'eval_precision_micro',
  'eval_precision_weighted',
  'eval_recall_macro',
  'eval_recall_micro',
  'eval_recall_weighted',
  'train_loss',
]
const twoClasses = [
  'eval_accuracy',
  'eval_auc',
  'eval_f1',
  'eval_loss',
  'eval_precision',
  'eval_recall',
  'train_loss',
]
const entities = ['eval_accuracy', 'eval_f1', 'eval_loss', 'eval_precision', 'eval_recall', 'train_loss']

/** What is right for every training that succeeds. `steps` are the logged steps: the curve has as many points. */
const success = (options: { metrics: readonly string[]; inCard: number; steps: number }) => ({
  verdict: 'succeeded',
  reason: /^Trained on commit [0-9a-f]{7}\.$/,
  cause: null,
  job: 'COMPLETED',
  isPinned: true,
  metrics: options.metrics,
  'metrics and card': `all ${options.inCard} of the card`,
  curve: {
    loss: `as in the log, ${options.steps} points`,
    eval_loss: 'as in the log, 3 points',
    'goes forward': true,
  },
  card: /^## Validation Metrics$/m,
  files: { model: ['README.md', 'config.json', 'model.safetensors'], 'with the token': [] },
  'log has the token': false,
})

/** What is right for every training that fails. */
const failure = (reason: RegExp, cause: RegExp) => ({
  verdict: 'failed',
  reason,
  cause,
  files: { model: [], 'with the token': [] },
  'log has the token': false,
})

/** Trainings with the real AutoTrain, and what is right for each. */
export const autotrainChecks: readonly Check[] = [
  trainingCheck({
    name: 'images from class folders',
    training: { data: 'images', inputs: images },
    answers: success({ metrics: manyClasses, inCard: 11, steps: 18 }),
  }),
  trainingCheck({
    name: 'text from train.csv',
    training: { data: 'text', inputs: text },
    answers: success({ metrics: twoClasses, inCard: 6, steps: 18 }),
  }),
  trainingCheck({
    name: 'tokens from train.csv',
    training: { data: 'tokens', inputs: tokens },
    answers: success({ metrics: entities, inCard: 5, steps: 12 }),
  }),
  trainingCheck({
    name: 'a truncated picture',
    training: { data: 'images-truncated', inputs: images },
    answers: failure(/image file is truncated/, /image/),
  }),
  trainingCheck({
    name: 'a table with one class',
    training: { data: 'text-one-class', inputs: text },
    answers: failure(/Invalid number of classes|one class/, /one class/i),
  }),
  trainingCheck({
    name: 'a base model that does not exist',
    training: { data: 'images', inputs: { ...images, 'input-model': 'ann/nothing-here' } },
    answers: failure(/ann\/nothing-here/, /^(?!.*gated).*input-model.*does not exist/s),
  }),
  trainingCheck({
    name: 'a parameter of the wrong type',
    training: {
      data: 'images',
      // The plan refuses it, except with an image that may have another AutoTrain.
      inputs: {
        ...images,
        params: params({ epochs: 'three' }),
        image: 'huggingface/autotrain-advanced:latest',
      },
    },
    answers: failure(/epochs.*valid integer/s, /params|parameter/),
  }),
  trainingCheck({
    name: 'a trainer that is killed',
    training: {
      data: 'images',
      inputs: { ...images, params: params({ epochs: 2000 }) },
      habits: { oomKillAt: /Starting to train/ },
    },
    answers: { ...failure(/SIGKILL|killed/i, /memory/), job: 'ERROR: Job failed with exit code: 1' },
  }),
  trainingCheck({
    name: 'a push that fails for good',
    training: {
      data: 'images',
      inputs: { ...images, params: params({ epochs: 1 }) },
      faults: [
        { method: 'POST', path: /\/commit\//, times: 99, status: 500, body: { error: 'Internal Error' } },
      ],
    },
    // The fault is an error of the Hub: that is the likely cause, and the reason names the push.
    answers: { ...failure(/push .{0,40}failed/, /the Hub had an error|push/), job: /^ERROR: / },
  }),
  trainingCheck({
    name: 'a push that fails once',
    training: {
      data: 'images',
      inputs: { ...images, params: params({ epochs: 1 }) },
      // The first commit is the one of runs/, which AutoTrain makes while it trains.
      faults: [
        { method: 'POST', path: /\/commit\//, times: 2, status: 500, body: { error: 'Internal Error' } },
      ],
    },
    answers: {
      verdict: 'succeeded',
      cause: null,
      files: { model: ['README.md', 'config.json', 'model.safetensors'], 'with the token': [] },
    },
  }),
]
