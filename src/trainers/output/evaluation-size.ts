import { isUsable, type LogValue } from './metrics/log-value.ts'

/**
 * Adds the number of examples that an evaluation was measured on, as the example scripts of transformers name it. The
 * Trainer prints no such number, but how long an evaluation took and how many examples it did in a second.
 * https://github.com/huggingface/transformers/blob/main/src/transformers/trainer_utils.py
 *
 * @param values what one line of a log says
 * @returns the same values where the number does not follow from them
 */
export function withEvaluationSize(
  values: Readonly<Record<string, LogValue>>,
): Readonly<Record<string, LogValue>> {
  const { eval_runtime: seconds, eval_samples_per_second: perSecond } = values
  if (!isUsable(seconds) || !isUsable(perSecond) || Object.hasOwn(values, 'eval_samples')) return values
  // The Trainer rounds the time to four decimals and the speed to three.
  const error = perSecond * 0.5e-4 + seconds * 0.5e-3
  const count = Math.round(seconds * perSecond)
  const isCertain = error < 0.5 && Math.abs(seconds * perSecond - count) <= error
  return isCertain && count > 0 ? { ...values, eval_samples: count } : values
}
