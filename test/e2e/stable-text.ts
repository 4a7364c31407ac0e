import type { World } from '../sandbox/world.ts'

/**
 * A report without what differs from run to run: addresses of the sandbox, commits and ids (numbered in the order
 * of their first appearance), times and durations.
 *
 * @param text one report, or several joined, so that the same commit has the same number in all of them
 */
export function stableText(text: string, { hub, github, autotrain }: World): string {
  const withAddresses = text
    .replaceAll(hub.url, 'https://huggingface.co')
    .replaceAll(github.url, 'https://github.com')
    .replaceAll(autotrain.url, 'https://ui.autotrain.huggingface.co')
  const withCommits = numbered(withAddresses, /\b[0-9a-f]{40}\b/g, 40)
  return numbered(withCommits, /\b[0-9a-f]{24}\b/g, 24)
    .replaceAll(/\b1\d{12}\b/g, ticking(1_800_000_000_000))
    .replaceAll(/\b\d+(?:\.\d+)? s\b/g, '1.0 s')
    .replaceAll(/\b\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '2026-11-24T12:00:00.000Z')
    .replaceAll(/\b\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2})?/g, '2026-11-24 12:00')
    .replaceAll(/\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}\b/g, '24 Nov 2026')
    .replaceAll(/\/runs\/\d+/g, '/runs/1')
}

/** Each different match becomes a number of the same length; of commits the first seven digits with it. */
function numbered(text: string, pattern: RegExp, length: number): string {
  const found = [...new Set(text.match(pattern) ?? [])]
  return found.reduce((changed, id, index) => {
    const number = String(index + 1)
    const short = number.padStart(7, '0')
    const full = length === 40 ? `${short}${'0'.repeat(33)}` : number.padStart(length, '0')
    const whole = changed.replaceAll(id, full)
    return length === 40 ? whole.replaceAll(id.slice(0, 7), short) : whole
  }, text)
}

function ticking(start: number): () => string {
  let count = 0
  return () => String(start + 1000 * count++)
}
