/** Longer texts are no numbers. */
const maxLength = 1000

/** Digits can be matched in one way only: two lists of digits side by side take quadratic time. */
const decimal = /^[+-]?(?:\d[\d_]*(?:\.(?:\d[\d_]*)?)?|\.\d[\d_]*)(?:e[+-]?\d[\d_]*)?$/i

/** Python groups digits with one underscore between two of them. */
const wrongUnderscore = /(?<!\d)_|_(?!\d)/

const quoted = /^(["'])([^"']*)\1$/

/** Python, YAML and JSON; as a constant of a module, `np.nan`; and as C prints it: `-nan(ind)`, `-1.#IND`. */
const notANumber =
  /^[+-]?(?:(?:(?:np|numpy|math|torch|jnp)\.|\.)?nan(?:\(\w{0,20}\))?|1\.#(?:IND|S?NAN|QNAN)0{0,20})$/i
const infinite = /^([+-]?)(?:(?:(?:np|numpy|math|torch|jnp)\.|\.)?inf(?:inity)?|1\.#INF0{0,20}|∞)$/i

/** Types of Python, numpy, torch and JAX that print themselves around their number. */
const wrapper =
  /^(?:[a-z_]\w*\.){0,3}(?:b?float\d*_?|double|half|longdouble|u?int\d*|tensor|array|decimal|scalar)\(/i

/** `<tf.Tensor: shape=(), dtype=float32, numpy=0.5>` */
const tensorflow = /^<tf\.Tensor: .*\bnumpy=([^\s,>]+)>$/

/**
 * Reads what a program, a runner or YAML writes for a number: `24`, `24.0`, `+5`, `.5`, `5.`, `8.2E-01`, `1_000`, any of
 * them in quotes or as Python's types print themselves, such as `np.float64(0.5)`, `tensor(0.5, device='cuda:0')` or
 * `Decimal('0.5')`. A unit, a comma or a percent sign makes it another thing than a number.
 *
 * @returns NaN and the infinities where the text says so, or says more than a number can hold; null for anything else
 */
export function readNumber(text: string): number | null {
  return text.length > maxLength ? null : (plainNumber(text) ?? wrappedNumber(text.trim()))
}

function plainNumber(text: string): number | null {
  const trimmed = text.trim()
  const value = (quoted.exec(trimmed)?.[2] ?? trimmed).trim()
  if (notANumber.test(value)) return Number.NaN
  const [, sign] = infinite.exec(value) ?? []
  if (sign !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (!decimal.test(value) || wrongUnderscore.test(value)) return null
  return Number(value.replaceAll('_', ''))
}

function wrappedNumber(text: string): number | null {
  const inTensorflow = tensorflow.exec(text)?.[1]
  if (inTensorflow !== undefined) return plainNumber(inTensorflow)
  const start = wrapper.exec(text)?.[0]
  if (start === undefined || !text.endsWith(')')) return null
  const [first = '', ...options] = text.slice(start.length, -1).split(',')
  // A second number would make it a list of numbers or a fraction; `device='cuda:0'` is an option.
  return options.every((option) => /^\s*\w+\s*=/.test(option)) ? plainNumber(first) : null
}
