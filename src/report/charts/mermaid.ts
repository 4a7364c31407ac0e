/**
 * A diagram. GitHub draws it, the Hub's discussions show its text.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/creating-diagrams
 *
 * @param lines Mermaid, in which every text from outside went through {@link words}
 */
export function diagram(lines: readonly string[]): string {
  return ['```mermaid', ...lines, '```'].join('\n')
}

/**
 * A text for a diagram, in letters that mean nothing in any of its kinds: Mermaid has no escaping that holds for all.
 *
 * @param max characters that are kept
 * @returns at least one letter
 */
export function words(text: string, max = 60): string {
  const clean = text
    .slice(0, max * 4)
    .replaceAll(/[^A-Za-z0-9 .()/+_-]+/g, ' ')
    .replaceAll(/ {2,}|--+>?/g, ' ')
    .trim()
  return clean === '' ? 'untitled' : clean.slice(0, max).trim()
}

/** A number that Mermaid can read: no exponent, no `NaN`. */
export function decimal(value: number, digits: number): string {
  const text = value.toFixed(Math.min(Math.max(digits, 0), 20))
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return short === '-0' ? '0' : short
}
