import type { Classifier, Example } from './classifier.ts'

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Of pairs of one positive and one negative example, how many are in the right order. */
function areaUnderCurve(scored: readonly { score: number; label: number }[]): number {
  const positives = scored.filter(({ label }) => label === 1)
  const negatives = scored.filter(({ label }) => label === 0)
  const wins = positives.flatMap((positive) =>
    negatives.map((negative) => Math.sign(positive.score - negative.score) / 2 + 0.5),
  )
  return mean(wins)
}

function perClass(pairs: readonly { label: number; guess: number }[], label: number) {
  const truePositives = pairs.filter((pair) => pair.label === label && pair.guess === label).length
  const guessed = pairs.filter(({ guess }) => guess === label).length
  const support = pairs.filter((pair) => pair.label === label).length
  const precision = guessed === 0 ? 0 : truePositives / guessed
  const recall = support === 0 ? 0 : truePositives / support
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { precision, recall, f1, support, guessed }
}

/**
 * Measures a classifier on examples it was not trained on, by AutoTrain's names and in its order.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/utils.py
 *
 * @param onUndefined called where a class was never guessed, so that its precision is 0 / 0
 * @returns `loss` and, for two classes, `f1` and so on; for more, each as `macro`, `micro` and `weighted`
 */
export function evaluate(
  classifier: Classifier,
  examples: readonly Example[],
  classes: number,
  onUndefined: () => void = () => {},
): Record<string, number> {
  const results = examples.map(({ pixels, label }) => {
    const probabilities = classifier.predict(pixels)
    return { probabilities, label, guess: probabilities.indexOf(Math.max(...probabilities)) }
  })
  const loss = mean(
    results.map(({ probabilities, label }) => -Math.log(Math.max(probabilities[label] ?? 0, 1e-12))),
  )
  const accuracy = mean(results.map(({ label, guess }) => (label === guess ? 1 : 0)))
  if (classes === 2) {
    const { f1, precision, recall } = perClass(results, 1)
    const scored = results.map(({ probabilities, label }) => ({ score: probabilities[1] ?? 0, label }))
    return { loss, f1, precision, recall, auc: areaUnderCurve(scored), accuracy }
  }
  const each = Array.from({ length: classes }, (_, label) => perClass(results, label))
  if (each.some(({ guessed }) => guessed === 0)) onUndefined()
  const averages = (['f1', 'precision', 'recall'] as const).flatMap((name) => [
    [`${name}_macro`, mean(each.map((values) => values[name]))],
    // With one label per example, the micro average of all three is the accuracy.
    [`${name}_micro`, accuracy],
    [
      `${name}_weighted`,
      each.reduce((sum, values) => sum + values[name] * values.support, 0) / examples.length,
    ],
  ])
  return { loss, ...Object.fromEntries(averages), accuracy }
}
