import * as core from '@actions/core'
import { createHider } from '../../http/hide-secret.ts'
import { proxyCredentials } from '../../http/proxy/proxy.ts'

const secretInputs = ['hf-token', 'webhook-secret', 'webhook-secret-previous', 'github-token'] as const

/** Replaces every secret input in a text by `***`, also in its encoded forms, some of which the runner does not mask. */
export const hideSecrets = createHider([
  ...secretInputs.map((name) => core.getInput(name)),
  ...proxyCredentials(process.env),
])

/** Registers every secret input with the runner, which masks it in the log. Call it before anything is logged. */
export function maskSecrets(): void {
  for (const name of secretInputs) {
    const secret = core.getInput(name)
    if (secret !== '') core.setSecret(secret)
  }
  for (const secret of proxyCredentials(process.env)) core.setSecret(secret)
}
