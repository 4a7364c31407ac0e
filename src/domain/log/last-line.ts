import { oneLine } from './error-message.ts'
import { onlyPassesOn } from './launchers.ts'
import { programLine } from './program-text.ts'
import { isProgressBar } from './progress-bar.ts'
import { isUvProgress } from './uv.ts'

/** Lines about the log or the end of a program, places in a stack, and titles. */
const saysNothing =
  /^(?:={3,}|-{3,}|\*{3,}|auto-retrain:|usage: |Traceback \(|File "|at \S|goroutine \d|Set the environment variable HYDRA_FULL_ERROR|exit status \d+$|Job (?:started|ended|finished)\b|Aborted\b|Terminated\b)/i

const warning = /\bwarn(?:ings?)?\b|\bdeprecat|Warning\b/i

/**
 * Finds the last line of a log that says something: no progress bar, frame, place in a stack, or word of a launcher that
 * its program failed. A warning counts where there is nothing else, and a
 * launcher's word where there is no warning either.
 *
 * @param lines untrusted
 * @returns one line of at most 400 characters; null when no line says anything
 */
export function lastLineOf(lines: readonly string[]): string | null {
  const said = lines
    .map((line) => programLine(line).text.trim())
    .filter((line) => /[\p{L}\p{N}]/u.test(line))
    .filter((line) => !saysNothing.test(line) && !isProgressBar(line) && !isUvProgress(line))
  const better = said.filter((line) => !onlyPassesOn(line))
  const last = better.findLast((line) => !warning.test(line)) ?? better.at(-1) ?? said.at(-1)
  return last === undefined ? null : oneLine(last)
}
