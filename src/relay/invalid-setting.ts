import { Refused } from '../domain/verdict.ts'

const maxShownLength = 40

/** A pasted token, or a URL with credentials: never shown in an error. */
const secretPattern = /@|gh[a-z]_|github_pat_|hf_|PRIVATE KEY/

/**
 * Creates the error for a wrong setting: `PORT must be a whole number from 0 to 65535, not "80808".`
 *
 * @param name of the environment variable
 * @param rule what is allowed, as the rest of a sentence
 * @param value shown when it is a text without a token; its start when it is long. Leave out the value of a secret
 */
export function invalidSetting(name: string, rule: string, value?: unknown): Refused {
  if (typeof value !== 'string' || secretPattern.test(value)) return new Refused(`${name} ${rule}.`)
  const shown = value.length > maxShownLength ? `${value.slice(0, maxShownLength / 2)}...` : value
  return new Refused(`${name} ${rule}, not ${JSON.stringify(shown)}.`)
}
