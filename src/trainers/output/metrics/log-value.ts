import type { Unusable } from '../../../domain/metrics/measured.ts'
import { readNumber } from '../../../domain/text/number.ts'

/** The value of a metric in a log: a finite number, or what stands there in place of one. */
export type LogValue = number | Unusable

/** Whether a value of a log is a number. */
export function isUsable(value: LogValue | undefined): value is number {
  return typeof value === 'number'
}

/** What a text stands for as the value of a metric. */
export function logValue(text: string): LogValue {
  const number = readNumber(text)
  if (number === null) return /^(?:none|null|)$/i.test(text.trim()) ? 'none' : 'no number'
  if (Number.isFinite(number)) return number
  if (Number.isNaN(number)) return 'nan'
  return number > 0 ? 'inf' : '-inf'
}
