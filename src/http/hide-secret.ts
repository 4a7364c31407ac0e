/** Shorter texts are no secrets, and hiding them would make any text unreadable. */
const minLength = 8

const shown = '***'

/**
 * Makes a function that hides a secret in a text from outside: a service may send back what it was sent, and the
 * runner masks its log, but neither outputs nor what is written elsewhere.
 *
 * @param secret also hidden in its forms: base64 wherever it stands in the bytes, hex, percent-encoded, in JSON
 */
export function createHider(secret: string): (text: string) => string {
  if (secret.length < minLength) return (text) => text
  const forms = formsOf(secret)
  return (text) => forms.reduce((hidden, form) => hidden.replaceAll(form, shown), text)
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset))
  const forms = [
    secret,
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
  ]
  // A longer form first: a shorter one inside it would leave the rest of it standing.
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}

/** The digits that do not depend on the bytes around. https://www.rfc-editor.org/rfc/rfc4648#section-4 */
function base64At(bytes: Buffer, offset: number): string {
  const digits = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
  return digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
}
