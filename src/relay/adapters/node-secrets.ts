import { createHmac, createSecretKey, hash, timingSafeEqual } from 'node:crypto'
import { type Sign, signatureScheme, signedText } from '../../event/signature.ts'

// WebCrypto sends each hash and each signature to another thread and back, which costs Node more than all the rest
// of a refused delivery.

/**
 * As `createSecretCheck` of src/event, in node:crypto. The digests have one length, whatever is given, and
 * comparing them takes the same time wherever they differ.
 *
 * @param secrets ours; all of them are compared each time
 */
export function createNodeSecretCheck(secrets: readonly string[]): (given: string) => boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer')
  const ours = secrets.map(digest)
  return (given) => {
    const theirs = digest(given)
    return ours.map((digestOfOurs) => timingSafeEqual(theirs, digestOfOurs)).includes(true)
  }
}

/** As `createSign` of src/event, in node:crypto. */
export function createNodeSign(secret: string): Sign {
  const key = createSecretKey(secret, 'utf8')
  return (content) => signatureScheme + createHmac('sha256', key).update(signedText(content)).digest('base64')
}
