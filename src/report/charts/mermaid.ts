/**
 * Wraps Mermaid code in a fence. GitHub draws it; discussions on the Hub show it as text.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/creating-diagrams
 *
 * @param lines Mermaid code, in which all untrusted text went through {@link diagramText}
 */
export function diagram(lines: readonly string[]): string {
  return ['```mermaid', ...lines, '```'].join('\n')
}

/**
 * Reduces text to characters without a meaning in any kind of diagram: Mermaid has no escaping that works in all.
 *
 * @param max the maximum length in characters
 * @returns at least one character
 */
export function diagramText(text: string, max = 60): string {
  const clean = text
    .slice(0, max * 4)
    .replaceAll(/[^A-Za-z0-9 .()/+_-]+/g, ' ')
    .replaceAll(/ {2,}|--+>?/g, ' ')
    .trim()
  return clean === '' ? 'untitled' : clean.slice(0, max).trim()
}

/** Formats a number as Mermaid can read it, without an exponent. */
export function decimal(value: number, digits: number): string {
  const text = value.toFixed(Math.min(Math.max(digits, 0), 20))
  const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text
  return short === '-0' ? '0' : short
}
