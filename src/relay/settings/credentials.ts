import { Refused } from '../../domain/verdict.ts'
import { readAppKey, trySigning } from '../../github/app-key.ts'
import type { Credentials } from '../../github/tokens.ts'
import { type Environment, given, invalidSetting } from './variables.ts'

/**
 * Reads how the relay signs in to GitHub.
 *
 * @throws Refused with one sentence that names the first wrong variable and what is allowed
 */
export function readCredentials(env: Environment): Credentials {
  const token = given(env, 'GITHUB_TOKEN')
  const appId = given(env, 'GITHUB_APP_ID')
  const privateKey = given(env, 'GITHUB_APP_PRIVATE_KEY')
  if (appId === undefined && privateKey === undefined) {
    if (token === undefined) {
      throw new Refused(
        'GITHUB_TOKEN is not set: create a fine-grained token with Contents: read and write on this repository only, ' +
          'or set GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.',
      )
    }
    return { kind: 'token', token: checkToken(token) }
  }
  if (token !== undefined)
    throw new Refused('GITHUB_TOKEN and GITHUB_APP_* are both set: set only one of them.')
  if (appId === undefined)
    throw new Refused('GITHUB_APP_ID is not set, but GITHUB_APP_PRIVATE_KEY is: set both.')
  if (privateKey === undefined) {
    throw new Refused('GITHUB_APP_PRIVATE_KEY is not set, but GITHUB_APP_ID is: set both.')
  }
  return { kind: 'app', appId: checkAppId(appId), privateKey: readAppKey(privateKey) }
}

/**
 * Tries what can be tried without GitHub: the key of an App signs once.
 *
 * @throws Refused when it cannot
 */
export async function tryCredentials(credentials: Credentials): Promise<void> {
  if (credentials.kind === 'app') await trySigning(credentials.privateKey)
}

/** Only what no token of GitHub can be is refused: their forms have changed before. */
function checkToken(token: string): string {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new Refused('GITHUB_TOKEN contains a space or another character that no token has: copy it again.')
  }
  if (token.startsWith('hf_')) {
    throw new Refused('GITHUB_TOKEN is a Hugging Face token: set it to a token of GitHub (github_pat_...).')
  }
  if (token.startsWith('ghr_')) {
    throw new Refused(
      'GITHUB_TOKEN is a refresh token, which cannot dispatch: set it to a fine-grained token.',
    )
  }
  return token
}

/** https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
function checkAppId(appId: string): string {
  const isNumber = /^\d{1,20}$/.test(appId)
  // `Iv1.` and 16 hex digits in older Apps, `Iv23` and more in newer ones.
  const isClientId = /^[A-Z][\w.]{7,63}$/.test(appId) && /\d/.test(appId) && !appId.startsWith('Ov')
  if (isNumber || isClientId) return appId
  throw invalidSetting(
    'GITHUB_APP_ID',
    "must be the App's id (a number) or client id (Iv...), which its settings page shows",
    appId,
  )
}
