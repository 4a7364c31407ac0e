/** What a program writes in place of a number: no value that could be compared. */
export const unusableValues = ['nan', 'inf', '-inf', 'none', 'no number', 'cut off'] as const

/** One of the values that are no number. */
export type Unusable = (typeof unusableValues)[number]

/** A metric whose last value cannot be used. An older value of it counts no more. */
export interface UnmeasuredMetric {
  readonly name: string
  readonly value: Unusable
  /** Since which epoch; null where nothing says it, as in a card. */
  readonly epoch: number | null
}

/** The last values of a run's metrics. No name is in both. */
export interface Measured {
  /** All finite. */
  readonly metrics: Readonly<Record<string, number>>
  readonly unmeasured: readonly UnmeasuredMetric[]
}

/** What a run measured that measured nothing. */
export const nothingMeasured: Measured = { metrics: {}, unmeasured: [] }

/** How many names of metrics a run may have: more would fill records and outputs. */
export const maxMetricNames = 200

/** What a Trainer computes of every step: where it is no number, the weights may be none either. */
const ofTraining = /^(?:(?:train_)?loss|grad_norm)$/
const brokeDown = 'The training itself gave no numbers at its end, so the model may be useless.'

/** How many unmeasured metrics a sentence names. */
const maxNamed = 5

const phrases: Readonly<Record<Unusable, string>> = {
  nan: 'is nan',
  inf: 'is inf',
  '-inf': 'is -inf',
  none: 'has no value',
  'no number': 'is no number',
  'cut off': 'is cut off in the log',
}

/**
 * Joins what two sources say of the same run, such as its log and its model's card. At most 200 names are kept.
 *
 * @param later what it says of a metric replaces what the earlier source says, also where that is no number
 */
export function joinMeasured(earlier: Measured, later: Measured): Measured {
  const all = new Map<string, number | UnmeasuredMetric>(Object.entries(later.metrics))
  for (const lost of later.unmeasured) all.set(lost.name, lost)
  for (const [name, value] of Object.entries(earlier.metrics)) if (!all.has(name)) all.set(name, value)
  for (const lost of earlier.unmeasured) if (!all.has(lost.name)) all.set(lost.name, lost)
  const kept = [...all].slice(0, maxMetricNames)
  return {
    metrics: Object.fromEntries(
      kept.flatMap(([name, value]) => (typeof value === 'number' ? [[name, value] as const] : [])),
    ),
    unmeasured: kept.flatMap(([, value]) => (typeof value === 'number' ? [] : [value])),
  }
}

/** Says why a metric counts as not measured, as a clause: `eval_loss is nan since epoch 2`. */
export function describeUnmeasured({ name, value, epoch }: UnmeasuredMetric, shown = name): string {
  return `${shown} ${phrases[value]}${epoch === null ? '' : ` since epoch ${Number(epoch.toFixed(2))}`}`
}

/**
 * Says which metrics of a run count as not measured, and where the training itself broke down.
 *
 * @param first the name to begin with, with or without `eval_`; null: their own order
 * @returns null where there are none
 */
export function unmeasuredWarning(
  unmeasured: readonly UnmeasuredMetric[],
  first: string | null = null,
): string | null {
  if (unmeasured.length === 0) return null
  const isFirst = ({ name }: UnmeasuredMetric) => Number(name === first || name === `eval_${first}`)
  const ordered = unmeasured.toSorted((a, b) => isFirst(b) - isFirst(a))
  const named = ordered.slice(0, maxNamed).map((each) => describeUnmeasured(each))
  const rest = unmeasured.length - named.length
  const sentence = `${named.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}: not measured.`
  return unmeasured.some(({ name }) => ofTraining.test(name)) ? `${sentence} ${brokeDown}` : sentence
}
