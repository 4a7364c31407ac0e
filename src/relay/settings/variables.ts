import { unquoted } from '../../domain/text/clean.ts'
import { cutText } from '../../domain/text/cut.ts'
import { Refused } from '../../domain/verdict.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads a variable that is no webhook secret: without spaces, line ends, byte-order marks and quotes around it.
 *
 * @returns undefined when nothing else is in it
 * @throws Refused when it is a placeholder that the platform did not replace
 */
export function given(env: Environment, name: string): string | undefined {
  const value = unquoted(env[name] ?? '')
  if (value === '') return undefined
  refusePlaceholder(name, value)
  return value
}

/**
 * @throws Refused when a value is a placeholder that the platform did not replace, or stands for a missing or masked
 *   value: `${NAME}`, `{{ name }}`, `undefined`, `***`
 */
export function refusePlaceholder(name: string, value: string): void {
  if (/^(?:\$\{?\w+\}?|\$?\{\{[^{}]*\}\}|<[\w -]+>|undefined|null|\*{3,})$/.test(value)) {
    throw new Refused(`${name} is a placeholder that was not replaced: set it to the value itself.`)
  }
}

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
  const shown = value.length > maxShownLength ? `${cutText(value, maxShownLength / 2)}...` : value
  return new Refused(`${name} ${rule}, not ${visible(JSON.stringify(shown))}.`)
}

/** Shows the invisible characters, which are often what is wrong. */
function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
