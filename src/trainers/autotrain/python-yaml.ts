/**
 * Writes a value so that PyYAML reads exactly the same: maps as blocks, and every string in quotes and in ASCII unless it
 * is a plain word. A quoted string stays one, whatever YAML 1.1 would make of it bare. https://yaml.org/spec/1.1/
 *
 * @param value of maps, lists, strings, numbers, booleans and null; what is undefined is left out of maps
 * @returns a document with a line feed at its end
 */
export function pythonYaml(value: unknown): string {
  return isMap(value) && fieldsOf(value).length > 0 ? block(value, '') : `${flow(value)}\n`
}

type Fields = Readonly<Record<string, unknown>>

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const fieldsOf = (map: Fields) => Object.entries(map).filter(([, inner]) => inner !== undefined)

function block(map: Fields, indent: string): string {
  const lines = fieldsOf(map).map(([key, inner]) => {
    const isDeeper = isMap(inner) && fieldsOf(inner).length > 0
    return `${indent}${text(key)}:${isDeeper ? `\n${block(inner, `${indent}  `)}` : ` ${flow(inner)}\n`}`
  })
  return lines.join('')
}

function flow(value: unknown): string {
  if (typeof value === 'string') return text(value)
  if (typeof value === 'number') return numeral(value)
  if (typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (!isMap(value)) return 'null'
  return `{${fieldsOf(value)
    .map(([key, inner]) => `${text(key)}: ${flow(inner)}`)
    .join(', ')}}`
}

/** A word that nothing in YAML 1.1 could mean otherwise. */
const plainWord = /^[A-Za-z][\w./-]*$/
const otherMeaning = /^(?:y|n|yes|no|on|off|true|false|null)$/i

function text(value: string): string {
  return plainWord.test(value) && !otherMeaning.test(value) ? value : quoted(value)
}

/** YAML has escapes of two, four and eight digits. JSON writes a character beyond four digits as two. */
function quoted(value: string): string {
  const ascii = Array.from(value, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (character === '"' || character === '\\') return `\\${character}`
    if (code >= 0x20 && code < 0x7f) return character
    const digits = code.toString(16)
    if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`
    return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
  })
  return `"${ascii.join('')}"`
}

/** YAML 1.1 knows a number with an exponent only by its point and the sign of the exponent. */
function numeral(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  const [digits = '', exponent] = String(value).split('e')
  if (exponent === undefined) return digits
  return `${digits.includes('.') ? digits : `${digits}.0`}e${/^[+-]/.test(exponent) ? '' : '+'}${exponent}`
}
