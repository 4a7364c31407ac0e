/** The log of the workflow run. */
export interface Log {
  info(line: string): void
  /** Shown only with step debug. */
  debug(line: string): void
  /** An annotation on the page of the workflow run. */
  notice(message: string): void
  /** An annotation on the page of the workflow run. */
  warning(message: string): void
  /** Folds what is printed during the work under a title. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
}

/**
 * Turns text from outside into one line without a command: the runner obeys a line that begins with `::`, and one that
 * has `##[` anywhere.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('##[', '## [')
    .replace(/^\s*::/, ': :')
}
