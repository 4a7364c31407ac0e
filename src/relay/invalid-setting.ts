import { Refused } from '../domain/verdict.ts'

const maxShownLength = 60

/**
 * Creates the error for a wrong setting: `PORT must be a whole number from 0 to 65535, not "80808".`
 *
 * @param name of the environment variable
 * @param rule what is allowed, as the rest of a sentence
 * @param value shown when it is a text; leave it out when it may be a secret
 */
export function invalidSetting(name: string, rule: string, value?: unknown): Refused {
  if (typeof value !== 'string') return new Refused(`${name} ${rule}.`)
  const shown = value.length > maxShownLength ? `${value.slice(0, maxShownLength)}...` : value
  return new Refused(`${name} ${rule}, not ${JSON.stringify(shown)}.`)
}
