/**
 * Writes a value so that PyYAML reads exactly the same: as JSON whose strings have nothing but ASCII. Quoted strings stay
 * strings there, whatever YAML 1.1 would make of them. https://yaml.org/spec/1.1/#id907281
 *
 * @param value of maps, lists, strings, numbers, booleans and null; what is undefined is left out of maps
 * @returns a document with a line feed at its end
 */
export function pythonYaml(value: unknown): string {
  return `${write(value, '')}\n`
}

function write(value: unknown, indent: string): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return numeral(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'object' || value === null) return 'null'
  if (Array.isArray(value)) return `[${value.map((entry) => write(entry, indent)).join(', ')}]`
  const deeper = `${indent}  `
  const lines = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => `${deeper}${quoted(key)}: ${write(inner, deeper)}`)
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`
}

/** YAML has escapes of two, four and eight digits. JSON writes a character beyond four digits as two. */
function quoted(text: string): string {
  const ascii = Array.from(text, (character) => {
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
