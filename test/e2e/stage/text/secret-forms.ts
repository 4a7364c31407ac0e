/** A secret and a form that it was found in. */
export interface Leak {
  readonly secret: string
  readonly form: string
}

/**
 * Looks for secrets in a text: as they are, in base64 however the surrounding bytes lie, in hex, percent-encoded,
 * escaped for JSON and for HTML.
 *
 * @param secrets by the name that a finding is reported under
 */
export function findSecrets(text: string, secrets: Readonly<Record<string, string>>): Leak[] {
  return Object.entries(secrets).flatMap(([secret, value]) =>
    Object.entries(formsOf(value)).flatMap(([form, shown]) =>
      text.includes(shown) ? [{ secret, form }] : [],
    ),
  )
}

function formsOf(value: string): Record<string, string> {
  const bytes = Buffer.from(value)
  const hex = bytes.toString('hex')
  return {
    plain: value,
    'first half': value.slice(0, Math.ceil(value.length / 2)),
    'base64 at 0': base64At(bytes, 0),
    'base64 at 1': base64At(bytes, 1),
    'base64 at 2': base64At(bytes, 2),
    'base64url at 0': base64At(bytes, 0).replaceAll('+', '-').replaceAll('/', '_'),
    hex,
    'hex in capitals': hex.toUpperCase(),
    URL: encodeURIComponent(value),
    form: new URLSearchParams({ a: value }).toString().slice(2),
    JSON: JSON.stringify(value).slice(1, -1),
    'JSON in JSON': JSON.stringify(JSON.stringify(value)).slice(3, -3),
    HTML: value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
    reversed: [...value].reverse().join(''),
  }
}

/** The part of the base64 form that does not depend on what stands before and after. */
function base64At(bytes: Buffer, offset: number): string {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replaceAll('=', '')
  const start = Math.ceil((offset * 8) / 6)
  const end = Math.floor(((offset + bytes.length) * 8) / 6)
  return shifted.slice(start, end)
}
