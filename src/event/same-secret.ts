const encoder = new TextEncoder()

/**
 * Makes the check whether a secret that came from outside is one of ours. Both sides are hashed under a random
 * key that only this check knows and the hashes are compared by `crypto.subtle.verify`, so that neither the
 * place of the first difference nor the length shows in the time it takes.
 *
 * @param secrets ours; all of them are compared each time. An empty one is no secret: nothing matches it
 * @returns a function that tells whether the secret given to it is one of them
 */
export function createSecretCheck(secrets: readonly string[]): (given: string) => Promise<boolean> {
  const algorithm: HmacKeyGenParams = { name: 'HMAC', hash: 'SHA-256' }
  const usable = secrets.filter((secret) => secret !== '')
  let made: Promise<CryptoKey> | undefined
  return async (given) => {
    made ??= crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
    const key = await made
    const mac = await crypto.subtle.sign(algorithm, key, encoder.encode(given))
    const matches = await Promise.all(
      usable.map((secret) => crypto.subtle.verify(algorithm, key, mac, encoder.encode(secret))),
    )
    return matches.includes(true)
  }
}
