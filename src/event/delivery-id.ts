const idPattern = /^[\w-]{1,128}$/

/** Whether a text has the form of a delivery id: 1 to 128 letters, digits, `_` and `-`. */
export function isDeliveryId(id: string): boolean {
  return idPattern.test(id)
}

/**
 * The id of a delivery: the Hub's `Webhook-Id` (stable across its retries and replays) when it has the form of
 * an id, a hash of it when not (still stable), else a new one.
 * https://huggingface.co/docs/hub/webhooks
 *
 * @param header the value of `Webhook-Id`, null when absent
 * @param randomBytes gives that many random bytes
 */
export async function deliveryId(
  header: string | null,
  randomBytes: (count: number) => Uint8Array,
): Promise<string> {
  if (header === null || header === '') return `msg_${hex(randomBytes(16))}`
  if (isDeliveryId(header)) return header
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(header))
  return `msg_${hex(new Uint8Array(digest))}`
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
