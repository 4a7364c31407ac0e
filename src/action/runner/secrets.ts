import * as core from '@actions/core'
import { cleanText, unquoted } from '../../domain/text/clean.ts'
import { createHider, secretTexts } from '../../http/hide-secret.ts'
import { proxyCredentials } from '../../http/proxy/proxy.ts'

/** The secret inputs. A token never contains quotes; a webhook secret may. */
const secretInputs = {
  'hf-token': unquoted,
  'webhook-secret': cleanText,
  'webhook-secret-previous': cleanText,
  'github-token': unquoted,
  'training-token': unquoted,
} as const

/** The name of a secret input. */
export type SecretInput = keyof typeof secretInputs

const secretNames = Object.keys(secretInputs) as SecretInput[]

/** Reads a secret input, without what editors and clipboards leave around it. */
export function readSecretInput(name: SecretInput): string {
  return secretInputs[name](core.getInput(name))
}

/** Every secret, as it is used and as it was given where that differs. */
function allSecrets(): string[] {
  const inputs = secretNames.flatMap((name) => [readSecretInput(name), core.getInput(name)])
  return [...new Set([...inputs, ...proxyCredentials(process.env)])].filter((secret) => secret !== '')
}

let hide = createHider(allSecrets())

/** Replaces every secret in a text by `***`, also in its encoded forms, some of which the runner does not mask. */
export function hideSecrets(text: string): string {
  return hide(text)
}

/** Registers every secret input with the runner, which masks it in the log. Call it before anything is logged. */
export function maskSecrets(): void {
  for (const secret of allSecrets()) core.setSecret(secret)
}

/**
 * Registers the secrets of the step's environment that recipes name. Call it before they are used.
 *
 * @param names of environment variables; those that are empty are left out
 * @returns the texts by which they are found
 */
export function maskVariables(names: readonly string[]): string[] {
  const values = [...new Set(names)].flatMap((name) => process.env[name] || [])
  for (const value of values) core.setSecret(value)
  const texts = secretTexts(values)
  hide = createHider([...allSecrets(), ...texts])
  return texts
}
