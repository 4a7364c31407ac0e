/** The shortest text that is hidden. No secret is shorter, and hiding short texts would make messages unreadable. */
const minHiddenLength = 8

const placeholder = '***'

const encoder = new TextEncoder()

/**
 * Makes a function that replaces secrets by `***` in a text, for example the body of a failed request: a service may
 * send back what it was sent, and the runner masks its log only, not outputs, summaries or files.
 *
 * @param secrets each also hidden as base64 (wherever it starts in the encoded bytes), as hex, percent-encoded and in
 *   JSON; those with fewer than 8 characters are ignored
 */
export function createHider(secrets: readonly string[]): (text: string) => string {
  const forms = new Set(secrets.filter(({ length }) => length >= minHiddenLength).flatMap(formsOf))
  if (forms.size === 0) return (text) => text
  // A longer form first: a shorter one at the same place would leave the end of it readable.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(escapeRegExp).join('|'), 'g')
  return (text) => text.replace(pattern, placeholder)
}

/**
 * The texts by which secrets of several lines are found: each whole, and each of its lines, which logs show one by one.
 *
 * @param values undefined and empty ones are left out
 */
export function secretTexts(values: readonly (string | undefined)[]): string[] {
  return values.flatMap((value) => (value ? [value, ...value.split(/[\r\n]+/)] : []))
}

function formsOf(secret: string): string[] {
  const bytes = encoder.encode(secret)
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset))
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [
    secret,
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
  ]
}

/** The base64 digits that do not depend on the bytes around. https://www.rfc-editor.org/rfc/rfc4648#section-4 */
function base64At(bytes: Uint8Array, offset: number): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const digits = btoa('\0'.repeat(offset) + binary)
  return digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
