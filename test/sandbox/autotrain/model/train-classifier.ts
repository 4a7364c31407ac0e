import { seededRandom } from '../../seeded-random.ts'
import { shuffled } from '../data/shuffled.ts'
import type { Params } from '../params.ts'
import type { Classifier, Example } from './classifier.ts'
import { createClassifier } from './classifier.ts'
import { evaluate } from './metrics.ts'
import { createReporter, learningRateAt } from './schedule.ts'

/**
 * The original fine-tunes a network that has seen millions of pictures, with steps as small as 5e-5. This one
 * starts from nothing, so the same number means steps that are so many times larger.
 */
const FROM_SCRATCH = 100

/** What came of a training. */
export interface Fitted {
  classifier: Classifier
  /** Evaluation names without `eval_`; null without a validation split. */
  scores: Record<string, number> | null
  /** Steps that were made. */
  steps: number
}

const prefixed = (values: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`eval_${name}`, value]))

/** https://huggingface.co/docs/transformers/main_classes/callback#transformers.EarlyStoppingCallback */
function createEarlyStop(options: { patience: number; threshold: number }) {
  let best = Number.POSITIVE_INFINITY
  let since = 0
  return (loss: number): { isBest: boolean; isOver: boolean } => {
    const isBest = loss < best
    since = isBest && best - loss > options.threshold ? 0 : since + 1
    if (isBest) best = loss
    return { isBest, isOver: since >= options.patience }
  }
}

/**
 * Trains, printing what AutoTrain prints: a Python dict every so many steps, one after each epoch's evaluation,
 * and one at the end.
 *
 * @param options pictures and parameters
 * @returns the classifier with the best evaluation, or the last one without a validation split
 */
export function trainClassifier(options: {
  params: Params
  train: readonly Example[]
  valid: readonly Example[] | null
  classes: number
  loggingSteps: number
}): Fitted {
  const { params, train, valid, classes, loggingSteps } = options
  const classifier = createClassifier({ classes, seed: params.seed, maxNorm: params.max_grad_norm })
  const random = seededRandom(params.seed + 1)
  const perStep = params.batch_size * params.gradient_accumulation
  const perEpoch = Math.ceil(train.length / perStep)
  const total = perEpoch * params.epochs
  const reporter = createReporter({ total })
  const startedAt = Date.now()
  const rates = (count: number, steps: number, since: number) => {
    const seconds = Math.max((Date.now() - since) / 1000, 0.001)
    return { runtime: seconds, samples_per_second: count / seconds, steps_per_second: steps / seconds }
  }
  const earlyStop = createEarlyStop({
    patience: params.early_stopping_patience,
    threshold: params.early_stopping_threshold,
  })
  let best = structuredClone(classifier.weights)
  let step = 0
  let lossSum = 0
  let sinceLog: number[] = []

  const evaluateNow = (examples: readonly Example[]) => {
    const since = Date.now()
    const scores = evaluate(classifier, examples, classes)
    const speed = rates(examples.length, Math.ceil(examples.length / (2 * params.batch_size)), since)
    reporter.metrics(prefixed({ ...scores, ...speed }))
    return scores
  }

  for (let epoch = 0; epoch < params.epochs; epoch += 1) {
    const order = shuffled(train, random)
    for (let start = 0; start < order.length; start += perStep) {
      const at = {
        step,
        total,
        peak: params.lr,
        warmupRatio: params.warmup_ratio,
        scheduler: params.scheduler,
      }
      const rate = learningRateAt(at)
      const { loss, gradientNorm } = classifier.step(order.slice(start, start + perStep), rate * FROM_SCRATCH)
      step += 1
      lossSum += loss
      sinceLog.push(loss)
      if (step % loggingSteps !== 0) continue
      const mean = sinceLog.reduce((sum, value) => sum + value, 0) / sinceLog.length
      reporter.metrics({
        loss: Math.round(mean * 10_000) / 10_000,
        // With half precision the first gradients overflow while the scale is still sought.
        grad_norm: params.mixed_precision === 'fp16' && step === loggingSteps ? Number.NaN : gradientNorm,
        learning_rate: rate,
        epoch: step / perEpoch,
      })
      reporter.progress(step)
      sinceLog = []
    }
    if (valid === null) continue
    const { isBest, isOver } = earlyStop(evaluateNow(valid).loss ?? Number.NaN)
    if (isBest) best = structuredClone(classifier.weights)
    if (isOver) break
  }

  const { runtime, ...speed } = rates(train.length * params.epochs, step, startedAt)
  reporter.metrics({
    train_runtime: runtime,
    train_samples_per_second: speed.samples_per_second,
    train_steps_per_second: speed.steps_per_second,
    train_loss: lossSum / Math.max(1, step),
    epoch: step / perEpoch,
  })
  if (valid === null) return { classifier, scores: null, steps: step }
  for (const name of Object.keys(best) as (keyof typeof best)[]) classifier.weights[name].set(best[name])
  return { classifier, scores: evaluate(classifier, valid, classes), steps: step }
}
