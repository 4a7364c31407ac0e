import { hash, timingSafeEqual } from 'node:crypto'

/**
 * As `createSecretCheck` of src/event, in node:crypto: WebCrypto sends each hash to another thread and back,
 * which costs Node more than all the rest of a refused delivery. The digests have one length, whatever is given,
 * and are compared in one time.
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
