import { readFileSync } from 'node:fs'

/**
 * Reads a file that a training with AutoTrain 0.8.36 left, on a CPU with tiny models: what it printed, or its model's
 * card. In `merged-stderr` both of its outputs were one pipe.
 */
export function recordedLog(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

/** What `uv run` printed and how it ended, in one case. */
export interface UvRun {
  readonly name: string
  readonly exitCode: number
  readonly lines: readonly string[]
}

/**
 * Reads what `uv run` printed on Linux, with both of its outputs in one pipe: of a script that fails, and in each way in
 * which uv fails before it runs one. Only paths were changed.
 *
 * @param version of uv: from 0.10 on, it states its causes line by line; before, it drew and wrapped them
 */
export function uvRuns(version: '0.13.9' | '0.9.30'): UvRun[] {
  const text = readFileSync(new URL(`uv-${version}.log`, import.meta.url), 'utf8')
  return text
    .split(/^===== /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.trimEnd().split('\n')
      const [name = '', exit = ''] = title.split(' | exit ')
      return { name, exitCode: Number(exit), lines }
    })
}
