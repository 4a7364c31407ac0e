/**
 * The minimum length of a webhook secret, in characters: everyone who can read the workflow run can read signatures,
 * and could guess a short secret from one offline.
 */
export const minSigningSecretLength = 16

/**
 * The characters that the Hub allows in a secret: printable ASCII, on one line, without spaces around it.
 * https://huggingface.co/docs/hub/webhooks#webhook-secret
 */
export const webhookSecretPattern = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/** What a signature of version 1 begins with. */
const signatureScheme = 'v1,'
const algorithm = { name: 'HMAC', hash: 'SHA-256' }
const encoder = new TextEncoder()

/** How many signatures are checked; a rotation needs two. */
const maxSignatures = 10

/** The content that a signature covers. */
export interface SignedContent {
  id: string
  /** Unix seconds. */
  timestamp: number
  body: string
}

/** Signs by the Standard Webhooks v1 scheme with one secret. */
export type Sign = (content: SignedContent) => string | Promise<string>

function importKey(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign', 'verify'])
}

/** The text whose UTF-8 bytes are signed. */
function signedText({ id, timestamp, body }: SignedContent): string {
  return `${id}.${timestamp}.${body}`
}

/**
 * Makes a function that signs by the Standard Webhooks v1 scheme: `v1,` and the base64 of the HMAC-SHA256 over
 * `{id}.{timestamp}.{body}`.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @param secret the webhook secret; its UTF-8 bytes are the key
 */
export function createSign(secret: string): Sign {
  const key = importKey(secret)
  return async (content) => {
    const mac = await crypto.subtle.sign(algorithm, await key, encoder.encode(signedText(content)))
    return signatureScheme + btoa(String.fromCharCode(...new Uint8Array(mac)))
  }
}

/**
 * Checks a space-separated list of signatures with `crypto.subtle.verify`, which compares in constant time. Signatures
 * of other versions are ignored.
 *
 * @param signatures the list that came with the content
 * @param secrets one of them must have signed; several during a rotation. Empty ones are ignored
 */
export async function verify(
  content: SignedContent,
  signatures: string,
  secrets: readonly string[],
): Promise<boolean> {
  const macs = signatures
    .split(' ')
    .slice(0, maxSignatures)
    .filter((signature) => signature.startsWith(signatureScheme))
    .map((signature) => decodeBase64(signature.slice(signatureScheme.length)))
  for (const secret of secrets.filter((text) => text !== '')) {
    const key = await importKey(secret)
    for (const mac of macs) {
      if (
        mac !== null &&
        (await crypto.subtle.verify(algorithm, key, mac, encoder.encode(signedText(content))))
      )
        return true
    }
  }
  return false
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
