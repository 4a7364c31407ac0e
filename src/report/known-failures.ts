import { errorsInLog, errorsOfCause } from '../domain/log/errors-in-log.ts'
import { saysInstalled } from '../domain/log/uv.ts'
import { dataFailures, missingColumn } from './failures/data-failures.ts'
import type { Failure } from './failures/failure.ts'
import { hubFailures } from './failures/hub-failures.ts'
import { jobFailures, memoryFailures, networkFailures } from './failures/machine-failures.ts'
import { programFailures } from './failures/program-failures.ts'
import { trainerFailures } from './failures/trainer-failures.ts'
import { missingInHeader, uvFailures } from './failures/uv-failures.ts'
import { code } from './markdown/markdown.ts'

/** The most likely cause of a failure and what to do about it, both as trusted Markdown. */
export type KnownFailure = Pick<Failure, 'cause' | 'advice'>

/** Where a whole log is searched, the more specific causes come first: a full memory often ends in a lost connection. */
const known = [
  ...memoryFailures,
  ...hubFailures,
  ...jobFailures,
  ...dataFailures,
  ...uvFailures,
  ...trainerFailures,
  ...programFailures,
  ...networkFailures,
]

/** What a program prints about something that it overcomes. */
const passing = /\bwarn(?:ings?)?\b|\bretry(?:ing)?\b|\bfall(?:ing|s)? ?back\b/i

/** Only the end of a log is searched, where the cause usually is: at most so many lines and characters. */
const maxLines = 400
const maxSearched = 60_000
const maxLineLength = 4000

/**
 * Finds the likely cause of a failed run: first in its reason, which ends with the error that is the cause, then in the
 * log's cause and what it was raised from. Of the other errors of a log only a full memory counts, which breaks whatever
 * comes next: a cause that is not known gets no advice for another error. The rest of a log counts only where it has no
 * errors, without what it warns of or tries again.
 *
 * @param options.reason one sentence
 * @param options.logTail the last lines of its log
 * @param options.trainer the recipe's; `uv` runs a script of one's own
 * @param options.columns the columns that the recipe's `column-mapping` names
 * @returns null when no known failure matches
 */
export function knownFailure(options: {
  reason: string
  logTail: readonly string[]
  trainer?: string | undefined
  columns?: readonly string[]
}): KnownFailure | null {
  const reason = options.reason.slice(0, maxLineLength)
  const column = options.columns?.find((name) => name !== 'label' && isMissing(name, reason))
  if (column !== undefined) return missingColumn(code(column, 100))
  const ranByUv = options.trainer === 'script' || options.logTail.some(showsUv)
  const lacksModule = ranByUv ? missingInHeader(reason) : null
  if (lacksModule !== null) return lacksModule
  const log = options.logTail.slice(-maxLines).map((line) => line.slice(0, maxLineLength))
  const errors = errorsOfCause(log)
  const searched =
    errors.length === 0
      ? [
          log
            .filter((line) => !passing.test(line))
            .join('\n')
            .slice(-maxSearched),
        ]
      : errors
  const found =
    [reason, ...searched].flatMap((text) => failuresIn(text).slice(0, 1))[0] ??
    memoryFailures.find(({ pattern }) => errorsInLog(log).some((error) => pattern.test(error)))
  return found === undefined ? null : { cause: found.cause, advice: found.advice }
}

/** Whether a line of a log shows that uv made the environment of the script. */
function showsUv(line: string): boolean {
  return saysInstalled(line) || /\/environments-v\d{1,3}\//.test(line.slice(0, maxLineLength))
}

/** The known failures whose message is in a text, the most specific first. */
export function failuresIn(text: string): readonly Failure[] {
  return known.filter(({ pattern }) => pattern.test(text))
}

/** Whether the reason says that a column is missing. Only the reason: it is shown, and the log may not be. */
function isMissing(column: string, reason: string): boolean {
  return reason.endsWith(`KeyError: '${column}'`) || reason.endsWith(`: ${column} not in train data`)
}
