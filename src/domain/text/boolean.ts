import { cleanText } from './clean.ts'

/** What YAML 1.2 reads as true and false, and what the runner's own actions take. */
const words: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  TRUE: true,
  false: false,
  False: false,
  FALSE: false,
}

/**
 * Reads what YAML and runners write for true and false. https://yaml.org/spec/1.2.2/#1032-tag-resolution
 *
 * @returns null for anything else, such as `yes` and `1`
 */
export function readBoolean(text: string): boolean | null {
  const word = cleanText(text)
  return Object.hasOwn(words, word) ? (words[word] ?? null) : null
}
