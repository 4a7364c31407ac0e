/** More prefixes do not stand before one line. */
const maxPrefixes = 4

/**
 * What launchers put before the lines of a program: the rank, the task, the worker, the time.
 *
 * - torch and torchrun: `[rank0]: `, `[default0]:`; srun -l: `0: `; Ray: `(Worker pid=12) `; container logs: the time
 * - rich and groups of exceptions draw a box around a text
 */
const prefix =
  /^(?:\[(?:rank|default|worker)?\d{1,5}\]: ?|\d{1,5}: (?=[A-Z\s])|\([A-Z][^()]{0,80}\) ?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S{0,12} (?!\|)| {0,8}[│|] ?)/

/** What tqdm shows last: `[00:00<00:03, 4.93it/s]`, also with numbers of its own behind the speed. */
const barEnd = /(?:\/s|s\/it)(?:, [^\]]{0,200})?\]/g

/**
 * Returns what a program printed in a line of a log: without the prefixes of launchers, without the box around it, and
 * without the progress bar that had not ended its line. Indentation stays.
 */
export function programText(line: string): string {
  let text = line
  for (let count = 0; count < maxPrefixes; count += 1) {
    const rest = text.replace(prefix, '')
    if (rest === text) break
    text = rest
  }
  const bar = text.includes('%|') || text.includes('/s]') ? [...text.matchAll(barEnd)].at(-1) : undefined
  const afterBar = bar === undefined ? text : text.slice(bar.index + bar[0].length)
  const shown = afterBar.trimEnd()
  return shown.endsWith('│') ? shown.slice(0, -1).trimEnd() : shown
}
