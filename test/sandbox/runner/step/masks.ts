/** The secrets of one job, and how they are hidden in what is shown. */
export interface Masks {
  /** Hides this value and its derived forms from now on; an empty one does nothing. */
  add(value: string): void
  /** Hides the value and each of its lines. */
  addLines(value: string): void
  /** The text with `***` in place of every secret; what overlaps or touches becomes one. */
  apply(text: string): string
}

const base64 = (bytes: Buffer) => bytes.toString('base64')
const xml: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

// The forms that the runner derives from a secret; hex, hashes and parts of it are not among them.
// https://github.com/actions/runner/blob/main/src/Sdk/DTLogging/Logging/ValueEncoders.cs
const encoders: ((value: string) => string)[] = [
  (value) => base64(Buffer.from(value)),
  (value) => shifted(value, 1),
  (value) => shifted(value, 2),
  (value) => value.replaceAll('"', '\\"'),
  (value) => value.replaceAll("'", "''"),
  (value) => JSON.stringify(value).slice(1, -1),
  (value) => encodeURIComponent(value.toWellFormed()).replace(/[!'()*]/g, percent),
  (value) => value.replace(/[&<>"']/g, (character) => xml[character] ?? character),
  (value) => (value.length > 8 && /^".*"$/s.test(value) ? value.slice(1, -1) : ''),
  (value) => atLeastSix(beforeAmpersand(value)),
  (value) => atLeastSix(afterAmpersand(value)),
]

function shifted(value: string, by: number): string {
  const bytes = Buffer.from(value)
  return base64(bytes.length > by ? bytes.subarray(by) : bytes)
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

// PowerShell colours the part of a command line at its last `&`, or the letter after `&+`.
function beforeAmpersand(value: string): string {
  const plus = value.indexOf('&+')
  return plus >= 0 ? value.slice(0, plus + 2) : value.slice(0, value.lastIndexOf('&') + 1)
}

function afterAmpersand(value: string): string {
  const plus = value.indexOf('&+')
  if (plus >= 0) return value.slice(plus + 3)
  const last = value.lastIndexOf('&')
  return last >= 0 ? value.slice(last + 1) : ''
}

function atLeastSix(part: string): string {
  return part.length >= 6 ? part : ''
}

/** @returns an empty set of masks */
export function createMasks(): Masks {
  const hidden = new Set<string>()

  function add(value: string) {
    if (value === '') return
    hidden.add(value)
    for (const encode of encoders) {
      const encoded = encode(value)
      if (encoded !== '') hidden.add(encoded)
    }
  }

  return {
    add,
    addLines(value) {
      add(value)
      for (const line of value.split(/[\r\n]/)) add(line.trim())
    },
    apply(text) {
      const found = [...hidden].flatMap((secret) => occurrences(text, secret))
      found.sort((a, b) => a.start - b.start)
      let shown = ''
      let end = 0
      for (const place of found) {
        if (place.start > end || (end === 0 && shown === '')) {
          shown += `${text.slice(end, place.start)}***`
          end = place.end
        } else {
          end = Math.max(end, place.end)
        }
      }
      return shown + text.slice(end)
    },
  }
}

function occurrences(text: string, secret: string): { start: number; end: number }[] {
  const places: { start: number; end: number }[] = []
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
    places.push({ start: at, end: at + secret.length })
  }
  return places
}
