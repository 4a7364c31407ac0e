import { hashHex, toHex } from './hash.ts'

const idPattern = /^[\w-]{1,128}$/

/** Whether a text is a valid delivery id: 1 to 128 letters, digits, `_` and `-`. */
export function isDeliveryId(id: string): boolean {
  return idPattern.test(id)
}

/**
 * The id of a delivery: the Hub's `Webhook-Id`, which stays the same across retries and replays, or a hash of it when
 * it is not a valid id. Without the header it is a new random id.
 * https://huggingface.co/docs/hub/webhooks
 *
 * @param header the value of `Webhook-Id`; null when absent
 * @param randomBytes returns that many random bytes
 */
export async function deliveryId(
  header: string | null,
  randomBytes: (count: number) => Uint8Array,
): Promise<string> {
  if (header === null || header === '') return `msg_${toHex(randomBytes(16))}`
  if (isDeliveryId(header)) return header
  return `msg_${await hashHex(header)}`
}
