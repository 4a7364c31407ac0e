/** What tqdm shows last: `[00:00<00:03, 4.93it/s]`, also with numbers of its own behind the speed. */
const barEnd = /(?:\/s|s\/it)(?:, [^\]]{0,200})?\]/g

/** Other bars: pip's and rich's `━━━━ 12.3/45.6 MB`, `[====>   ]`, `####`, and a percentage alone. */
const otherBar = /[━█▏▎▍▌▋▊▉■]{3}|\[[=#>. -]{8,200}\]|^[#=>. ]{5,200}\s?\d|^\s*\d{1,3}(?:\.\d{1,3})?%/

/** Returns what stands behind the progress bars in a line, which had not ended their line. */
export function withoutBars(text: string): string {
  const bar = text.includes('%|') || text.includes('/s]') ? [...text.matchAll(barEnd)].at(-1) : undefined
  return bar === undefined ? text : text.slice(bar.index + bar[0].length)
}

/** Whether a line is a progress bar. */
export function isProgressBar(line: string): boolean {
  return line.includes('%|') || otherBar.test(line)
}
