/** A number that Python would print as a float: `1.0` where JavaScript prints `1`. */
class PyFloat {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** @returns the number, marked as a float */
export const float = (value: number) => new PyFloat(value)

/** https://docs.python.org/3/library/functions.html#repr: the shortest digits, with Python's own exponents */
function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [digits = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power < -4 || power >= 16) {
    const sign = power < 0 ? '-' : '+'
    return `${digits}e${sign}${String(Math.abs(power)).padStart(2, '0')}`
  }
  const plain = String(value)
  return plain.includes('.') ? plain : `${plain}.0`
}

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text
    .replace(/\\/g, '\\\\')
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
  return `${quote}${quote === "'" ? escaped.replace(/'/g, "\\'") : escaped}${quote}`
}

/**
 * @param value what JSON could hold, and {@link PyFloat}
 * @returns what Python's `repr` prints for it
 */
export function repr(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (value instanceof PyFloat) return floatRepr(value.value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : floatRepr(value)
  if (typeof value === 'string') return stringRepr(value)
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  const entries = Object.entries(value as object).map(([key, each]) => `${repr(key)}: ${repr(each)}`)
  return `{${entries.join(', ')}}`
}

/** An exception of Python: what its traceback ends with. */
export class PyError extends Error {
  /** `ValueError`, `KeyError`, ... */
  readonly kind: string

  constructor(kind: string, message: string, options: { cause?: PyError } = {}) {
    super(message, options)
    this.name = 'PyError'
    this.kind = kind
  }
}

/**
 * @param error what was thrown
 * @param frames `file:function` of the calls that led there, outermost first
 * @returns the text that Python prints
 */
export function traceback(error: unknown, frames: readonly string[]): string {
  const { kind, message } =
    error instanceof PyError
      ? error
      : { kind: 'RuntimeError', message: String((error as Error)?.message ?? error) }
  const lines = frames.map((frame, index) => {
    const [file, name] = frame.split(':')
    return `  File "/app/env/lib/python3.10/site-packages/${file}", line ${100 + index}, in ${name}`
  })
  const own = ['Traceback (most recent call last):', ...lines, `${kind}: ${message}`]
  if (!(error instanceof PyError && error.cause instanceof PyError)) return own.join('\n')
  const link = ['', 'The above exception was the direct cause of the following exception:', '']
  return [traceback(error.cause, []), ...link, ...own].join('\n')
}
