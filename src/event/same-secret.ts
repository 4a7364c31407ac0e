const encoder = new TextEncoder()

/**
 * Makes a function that checks whether a secret from outside is one of ours. It hashes both with a random key of its
 * own and compares the hashes by `crypto.subtle.verify`, so that the duration reveals neither the first difference nor
 * the length.
 *
 * @param secrets our secrets; each call compares with all of them. Empty ones are ignored
 * @returns a function that resolves to true when the secret is one of them
 */
export function createSecretCheck(secrets: readonly string[]): (given: string) => Promise<boolean> {
  const algorithm: HmacKeyGenParams = { name: 'HMAC', hash: 'SHA-256' }
  const usable = secrets.filter((secret) => secret !== '')
  let keyPromise: Promise<CryptoKey> | undefined
  return async (given) => {
    keyPromise ??= crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
    const key = await keyPromise
    const mac = await crypto.subtle.sign(algorithm, key, encoder.encode(given))
    const matches = await Promise.all(
      usable.map((secret) => crypto.subtle.verify(algorithm, key, mac, encoder.encode(secret))),
    )
    return matches.includes(true)
  }
}
