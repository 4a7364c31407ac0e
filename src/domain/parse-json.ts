/**
 * Reads a JSON text from outside.
 *
 * @returns the value, not yet checked; undefined, which no JSON text stands for, when the text is not JSON
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
