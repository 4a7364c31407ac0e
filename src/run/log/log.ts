/** What a person watching the run reads. */
export interface Log {
  /** One line of the story. */
  info(line: string): void
  /** Shown only with step debug on. */
  debug(line: string): void
  /** An annotation on the run's page. */
  notice(message: string): void
  warning(message: string): void
  /** Folds what is printed meanwhile under a title. */
  group<T>(title: string, work: () => Promise<T>): Promise<T>
}

/**
 * Makes a text from outside one line that the runner takes as nothing but text: it reads a command in a line that
 * begins with `::`, and in one that has `##[` anywhere.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll('##[', '## [')
    .replace(/^\s*::/, ': :')
}
