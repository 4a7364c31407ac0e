import { seededRandom } from '../../seeded-random.ts'
import { shuffled } from '../data/shuffled.ts'
import type { Params } from '../params.ts'
import { warnOfUndefined } from '../warnings.ts'
import type { Classifier, Example } from './classifier.ts'
import { createClassifier } from './classifier.ts'
import { createEarlyStop } from './early-stop.ts'
import { evaluate } from './metrics.ts'
import type { Progress, Values } from './progress.ts'
import { createProgress } from './progress.ts'
import { learningRateAt } from './schedule.ts'

/**
 * The original fine-tunes a network that has seen millions of pictures, with steps as small as 5e-5. This one
 * starts from nothing, so the same number means steps that are so many times larger.
 */
const FROM_SCRATCH = 100

/** What was logged, with the step it was logged at: `log_history` of `trainer_state.json`. */
type History = (Values & { step: number })[]

/** Where a training stood when its evaluation was best. */
export interface Checkpoint {
  step: number
  loss: number
  history: History
}

/** What came of a training. */
export interface Fitted {
  classifier: Classifier
  /** The best evaluation; null without a validation split. */
  best: Checkpoint | null
  /** Measures the best weights once more, prints that, and returns the values without `eval_`. */
  measure: () => Record<string, number> | null
}

/** What a training works on. */
interface Task {
  params: Params
  train: readonly Example[]
  valid: readonly Example[] | null
  classes: number
  loggingSteps: number
  /** Called after each step, before it is logged; the training waits for it. */
  afterStep: (progress: Progress) => Promise<void>
}

const rounded = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits

/** Added up as the Trainer does it, so that the last digit is its own: `1.6666666666666665`. */
const epochAt = (step: number, perEpoch: number) =>
  Math.floor((step - 1) / perEpoch) + (((step - 1) % perEpoch) + 1) / perEpoch

const prefixed = (prefix: string, values: Values) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}_${name}`, value]))

/** Speeds as `speed_metrics` of transformers rounds them. */
function speeds(count: number, steps: number, since: number) {
  const seconds = Math.max((Date.now() - since) / 1000, 0.001)
  return {
    runtime: rounded(seconds, 4),
    samples_per_second: rounded(count / seconds, 3),
    steps_per_second: rounded(steps / seconds, 3),
  }
}

function scheduleOf({ params }: Task, total: number) {
  // With half precision the first gradients overflow while the scale is still sought: that step is left out.
  const skipped = params.mixed_precision === 'fp16' ? 1 : 0
  return {
    rate: (step: number) =>
      learningRateAt({
        step: Math.max(0, step - skipped),
        total,
        peak: params.lr,
        warmupRatio: params.warmup_ratio,
        scheduler: params.scheduler,
      }),
    overflows: (step: number) => skipped === 1 && step === 1,
  }
}

/** Evaluations of one training: the values as they are printed, and the loss in single precision. */
function createEvaluation({ params, valid, classes }: Task, classifier: Classifier) {
  const examples = valid ?? []
  return () => {
    const since = Date.now()
    const { loss = Number.NaN, ...others } = evaluate(classifier, examples, classes, warnOfUndefined)
    const scores: Record<string, number> = { loss: Math.fround(loss), ...others }
    const speed = speeds(examples.length, Math.ceil(examples.length / (2 * params.batch_size)), since)
    return { scores, printed: prefixed('eval', { ...scores, ...speed }) }
  }
}

/**
 * Trains, printing what AutoTrain prints: a Python dict every so many steps, one after each epoch's evaluation,
 * and one at the end.
 *
 * @param task pictures and parameters
 * @returns the classifier with the best evaluation, or the last one without a validation split
 */
export async function trainClassifier(task: Task): Promise<Fitted> {
  const { params, train, valid, classes, loggingSteps } = task
  const classifier = createClassifier({ classes, seed: params.seed, maxNorm: params.max_grad_norm })
  const random = seededRandom(params.seed + 1)
  const perStep = params.batch_size * params.gradient_accumulation
  const perEpoch = Math.ceil(train.length / perStep)
  const total = perEpoch * params.epochs
  const schedule = scheduleOf(task, total)
  const evaluateNow = createEvaluation(task, classifier)
  const earlyStop = createEarlyStop({
    patience: params.early_stopping_patience,
    threshold: params.early_stopping_threshold,
  })
  const progress = createProgress({ total })
  const startedAt = Date.now()
  const history: History = []
  let best: Checkpoint | null = null
  let weights = structuredClone(classifier.weights)
  let step = 0
  let losses: number[] = []
  let lossSum = 0

  const report = (values: Values, print = progress.metrics) => {
    const complete = { ...values, epoch: epochAt(step, perEpoch) }
    history.push({ ...complete, step })
    print(complete)
  }

  const makeStep = async (batch: readonly Example[]) => {
    const { loss, gradientNorm } = classifier.step(batch, schedule.rate(step) * FROM_SCRATCH)
    step += 1
    lossSum += loss
    losses.push(loss)
    await task.afterStep(progress)
    progress.step(step)
    if (step % loggingSteps !== 0) return
    report({
      loss: rounded(losses.reduce((sum, value) => sum + value, 0) / losses.length, 4),
      grad_norm: schedule.overflows(step) ? Number.NaN : Math.fround(gradientNorm),
      learning_rate: schedule.rate(step),
    })
    losses = []
  }

  for (let epoch = 0, isOver = false; epoch < params.epochs && !isOver; epoch += 1) {
    const order = shuffled(train, random)
    for (let start = 0; start < order.length; start += perStep) {
      await makeStep(order.slice(start, start + perStep))
    }
    if (valid === null) continue
    const { scores } = progress.evaluating(evaluateNow, ({ printed }) => report(printed))
    const judged = earlyStop(scores.loss ?? Number.NaN)
    isOver = judged.isOver
    if (!judged.isBest) continue
    best = { step, loss: scores.loss ?? Number.NaN, history: [...history] }
    weights = structuredClone(classifier.weights)
  }

  const speed = prefixed('train', speeds(train.length * params.epochs, step, startedAt))
  report({ ...speed, train_loss: lossSum / Math.max(1, step) })
  progress.end()
  if (best !== null) {
    for (const name of Object.keys(weights) as (keyof typeof weights)[]) {
      classifier.weights[name].set(weights[name])
    }
  }
  const measure = () => {
    if (valid === null) return null
    const print = ({ printed }: { printed: Values }) => report(printed, progress.lastMetrics)
    return progress.evaluating(evaluateNow, print).scores
  }
  return { classifier, best, measure }
}
