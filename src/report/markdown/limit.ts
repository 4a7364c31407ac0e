/**
 * Joins the parts of a report and leaves out those that do not fit. Parts are never cut, which could leave a table or
 * a fence open.
 *
 * @param parts Markdown, most important first; empty parts are dropped
 * @param options.maxBytes maximum size of the result in UTF-8, which is never smaller than its length in characters
 * @param options.note Markdown that is appended when a part was left out
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
