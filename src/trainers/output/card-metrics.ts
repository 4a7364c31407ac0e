/** The heading under which AutoTrain writes what it measured. */
const heading = /^##\s+Validation Metrics\s*$/im

const metric = /^(?:[-*]\s+)?([A-Za-z][\w./ -]{0,99}?)\s*:\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i

/**
 * Reads the metrics of the card that AutoTrain writes for a model: below their heading one `name: value` in each
 * paragraph, of the best model, on the validation data.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/image_classification/utils.py
 *
 * @param card from outside
 * @returns the metrics by the names that the training's log has them, such as `eval_accuracy`; empty when the card
 *   has none
 */
export function readCardMetrics(card: string): Record<string, number> {
  const start = heading.exec(card)
  if (start === null) return {}
  const section = card.slice(start.index + start[0].length).split(/^#/m)[0] ?? ''
  const entries = section.split('\n').flatMap((line) => {
    const [, name, value] = metric.exec(line.trim()) ?? []
    if (name === undefined || !Number.isFinite(Number(value))) return []
    return [[name.startsWith('eval_') ? name : `eval_${name}`, Number(value)] as const]
  })
  return Object.fromEntries(entries)
}
