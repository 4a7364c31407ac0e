/**
 * The shortest secret that may sign, in characters: a signature can be read by everyone who reads the workflow run,
 * and a short secret be guessed from it.
 */
export const minSigningSecretLength = 16

/** What a signature of version 1 begins with. */
export const signatureScheme = 'v1,'
const algorithm = { name: 'HMAC', hash: 'SHA-256' }
const encoder = new TextEncoder()

/** More signatures than a rotation can explain are not looked at. */
const maxSignatures = 10

/** What a signature speaks for. */
export interface SignedContent {
  id: string
  /** Unix seconds. */
  timestamp: number
  body: string
}

/** Signs by the Standard Webhooks v1 scheme with a secret it knows. */
export type Sign = (content: SignedContent) => string | Promise<string>

function importKey(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign', 'verify'])
}

/** The text whose UTF-8 bytes are signed. */
export function signedText({ id, timestamp, body }: SignedContent): string {
  return `${id}.${timestamp}.${body}`
}

/**
 * Makes a function that signs by the Standard Webhooks v1 scheme: `v1,` and the base64 of the HMAC-SHA256 over
 * `{id}.{timestamp}.{body}`.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @param secret its UTF-8 bytes are the key
 */
export function createSign(secret: string): Sign {
  const key = importKey(secret)
  return async (content) => {
    const mac = await crypto.subtle.sign(algorithm, await key, encoder.encode(signedText(content)))
    return signatureScheme + btoa(String.fromCharCode(...new Uint8Array(mac)))
  }
}

/**
 * Checks a space-separated list of signatures, each by `crypto.subtle.verify`, whose comparison takes the same
 * time wherever the first difference is. Signatures of other versions are passed over.
 *
 * @param signatures as they came with the content
 * @param secrets the secrets of which one must have signed: more than one while a secret is being rotated. An
 *   empty one is no secret: nothing is signed by it
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
  for (const secret of secrets.filter((given) => given !== '')) {
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
