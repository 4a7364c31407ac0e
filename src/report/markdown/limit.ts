/**
 * Puts the parts of a report together, as many as fit. Whole parts only: a cut inside one could leave a table or a
 * fence open.
 *
 * @param parts Markdown, most important first; empty ones are left out
 * @param options.maxBytes of the whole, in UTF-8; never less than its characters
 * @param options.note stands at the end when a part was left out
 */
export function joinWithin(parts: readonly string[], options: { maxBytes: number; note: string }): string {
  const { maxBytes, note } = options
  const size = (part: string) => Buffer.byteLength(part) + 2
  const present = parts.filter((part) => part !== '')
  const kept: string[] = []
  let bytes = size(note)
  for (const part of present) {
    if (bytes + size(part) > maxBytes) continue
    bytes += size(part)
    kept.push(part)
  }
  return `${(kept.length < present.length ? [...kept, note] : kept).join('\n\n')}\n`
}
