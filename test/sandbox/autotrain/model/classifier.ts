import { seededRandom } from '../../seeded-random.ts'

/** One picture with its class. */
export interface Example {
  /** Brightness of every pixel, 0 to 1. */
  pixels: Float32Array
  label: number
}

/** The weights of a classifier with one hidden layer. */
export interface Weights {
  hidden: Float32Array
  hiddenBias: Float32Array
  output: Float32Array
  outputBias: Float32Array
}

/** A classifier that can be trained. */
export interface Classifier {
  readonly weights: Weights
  /** One step on a batch. Returns the mean loss before the step, and the gradient's length. */
  step(batch: readonly Example[], learningRate: number): { loss: number; gradientNorm: number }
  /** Probabilities of all classes. */
  predict(pixels: Float32Array): Float64Array
}

/** Brightness levels of a picture, and the width of the hidden layer. */
export const SIDE = 28
export const HIDDEN = 32
const INPUTS = SIDE * SIDE

const BETA_1 = 0.9
const BETA_2 = 0.999

function softmax(scores: Float64Array): Float64Array {
  const highest = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - highest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

function createWeights(classes: number, seed: number): Weights {
  const random = seededRandom(seed)
  const fill = (size: number, fanIn: number) =>
    Float32Array.from({ length: size }, () => (random() * 2 - 1) * Math.sqrt(3 / fanIn))
  return {
    hidden: fill(HIDDEN * INPUTS, INPUTS),
    hiddenBias: new Float32Array(HIDDEN),
    output: fill(classes * HIDDEN, HIDDEN),
    outputBias: new Float32Array(classes),
  }
}

function forward(weights: Weights, pixels: Float32Array, classes: number) {
  const hidden = new Float64Array(HIDDEN)
  for (let unit = 0; unit < HIDDEN; unit += 1) {
    let sum = weights.hiddenBias[unit] ?? 0
    const row = unit * INPUTS
    for (let pixel = 0; pixel < INPUTS; pixel += 1) {
      sum += (weights.hidden[row + pixel] ?? 0) * (pixels[pixel] ?? 0)
    }
    hidden[unit] = Math.max(0, sum)
  }
  const scores = new Float64Array(classes)
  for (let label = 0; label < classes; label += 1) {
    let sum = weights.outputBias[label] ?? 0
    for (let unit = 0; unit < HIDDEN; unit += 1) {
      sum += (weights.output[label * HIDDEN + unit] ?? 0) * (hidden[unit] ?? 0)
    }
    scores[label] = sum
  }
  return { hidden, probabilities: softmax(scores) }
}

function backward(
  weights: Weights,
  gradient: Weights,
  example: Example,
  result: ReturnType<typeof forward>,
): void {
  const { hidden, probabilities } = result
  const ofHidden = new Float64Array(HIDDEN)
  probabilities.forEach((probability, label) => {
    const error = probability - (label === example.label ? 1 : 0)
    gradient.outputBias[label] = (gradient.outputBias[label] ?? 0) + error
    for (let unit = 0; unit < HIDDEN; unit += 1) {
      const at = label * HIDDEN + unit
      gradient.output[at] = (gradient.output[at] ?? 0) + error * (hidden[unit] ?? 0)
      ofHidden[unit] = (ofHidden[unit] ?? 0) + error * (weights.output[at] ?? 0)
    }
  })
  for (let unit = 0; unit < HIDDEN; unit += 1) {
    if (hidden[unit] === 0) continue
    const error = ofHidden[unit] ?? 0
    gradient.hiddenBias[unit] = (gradient.hiddenBias[unit] ?? 0) + error
    const row = unit * INPUTS
    for (let pixel = 0; pixel < INPUTS; pixel += 1) {
      gradient.hidden[row + pixel] =
        (gradient.hidden[row + pixel] ?? 0) + error * (example.pixels[pixel] ?? 0)
    }
  }
}

/**
 * A perceptron with one hidden layer, trained with Adam (https://arxiv.org/abs/1412.6980). The same seed and the
 * same batches give the same weights to the last bit.
 *
 * @param options how many classes, the seed, and the longest gradient that is applied as it is
 * @returns an untrained classifier
 */
export function createClassifier(options: { classes: number; seed: number; maxNorm: number }): Classifier {
  const { classes, maxNorm } = options
  const weights = createWeights(classes, options.seed)
  const names = ['hidden', 'hiddenBias', 'output', 'outputBias'] as const
  const zeros = () =>
    Object.fromEntries(
      names.map((name) => [name, new Float32Array(weights[name].length)]),
    ) as unknown as Weights
  const first = zeros()
  const second = zeros()
  let steps = 0

  const apply = (gradient: Weights, scale: number, learningRate: number) => {
    steps += 1
    const correction = Math.sqrt(1 - BETA_2 ** steps) / (1 - BETA_1 ** steps)
    for (const name of names) {
      const [own, mean, spread] = [weights[name], first[name], second[name]]
      gradient[name].forEach((raw, at) => {
        const value = raw * scale
        const m = BETA_1 * (mean[at] ?? 0) + (1 - BETA_1) * value
        const v = BETA_2 * (spread[at] ?? 0) + (1 - BETA_2) * value * value
        mean[at] = m
        spread[at] = v
        own[at] = (own[at] ?? 0) - (learningRate * correction * m) / (Math.sqrt(v) + 1e-8)
      })
    }
  }

  return {
    weights,
    predict: (pixels) => forward(weights, pixels, classes).probabilities,
    step(batch, learningRate) {
      const gradient = zeros()
      let loss = 0
      for (const example of batch) {
        const result = forward(weights, example.pixels, classes)
        loss -= Math.log(Math.max(result.probabilities[example.label] ?? 0, 1e-12))
        backward(weights, gradient, example, result)
      }
      let squares = 0
      for (const name of names) for (const value of gradient[name]) squares += value * value
      const gradientNorm = Math.sqrt(squares) / batch.length
      const clip = maxNorm > 0 && gradientNorm > maxNorm ? maxNorm / gradientNorm : 1
      apply(gradient, clip / batch.length, learningRate)
      return { loss: loss / batch.length, gradientNorm }
    },
  }
}
