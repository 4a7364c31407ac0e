/**
 * SHA-256 of a text as lower-case hex digits, by web standards only: the relay runs where Node's crypto is not.
 *
 * @param bytes how many of the 32 bytes, from the first
 */
export async function hashHex(text: string, bytes = 32): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return toHex(new Uint8Array(digest, 0, bytes))
}

/** Bytes as lower-case hex digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
