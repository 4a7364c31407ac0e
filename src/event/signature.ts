const scheme = 'v1,'
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

/** Importing costs more than signing, and there are two secrets at most. */
const keys = new Map<string, Promise<CryptoKey>>()

function importKey(secret: string): Promise<CryptoKey> {
  const known = keys.get(secret)
  if (known !== undefined) return known
  const key = crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign', 'verify'])
  keys.set(secret, key)
  return key
}

function bytesToSign({ id, timestamp, body }: SignedContent): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${id}.${timestamp}.${body}`)
}

/**
 * Signs by the Standard Webhooks v1 scheme; the key is the UTF-8 bytes of the secret.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 *
 * @returns `v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`
 */
export async function sign(content: SignedContent, secret: string): Promise<string> {
  const mac = await crypto.subtle.sign(algorithm, await importKey(secret), bytesToSign(content))
  return scheme + btoa(String.fromCharCode(...new Uint8Array(mac)))
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
    .filter((signature) => signature.startsWith(scheme))
    .map((signature) => decodeBase64(signature.slice(scheme.length)))
  for (const secret of secrets.filter((given) => given !== '')) {
    const key = await importKey(secret)
    for (const mac of macs) {
      if (mac !== null && (await crypto.subtle.verify(algorithm, key, mac, bytesToSign(content)))) return true
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
