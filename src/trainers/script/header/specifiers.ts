import { valid, validRange } from '@renovatebot/pep440'

/** What other tools and a slip of the hand write for an operator of PEP 440. */
const otherOperators: Readonly<Record<string, string>> = {
  '=': '==',
  '=>': '>=',
  '=<': '<=',
  '<>': '!=',
  '><': '!=',
  '^': '>=',
  '~': '~=',
  '~>': '~=',
}

const operators = /^[<>=!~^]{1,5}/
const bounds = ['==', '===', '~=', '<', '<=']

/**
 * Guesses what a wrong set of version specifiers means.
 *
 * @returns the end of a sentence; null without a guess
 */
export function specifierHint(text: string): string | null {
  const first = text.trim().slice(0, 100)
  const operator = operators.exec(first)?.[0]
  if (operator === undefined)
    return /^v?\d/.test(first) ? `put an operator before it, such as >= or ==` : null
  if (Object.hasOwn(otherOperators, operator)) {
    return `there is no operator ${operator}: did you mean ${otherOperators[operator] ?? ''}?`
  }
  if (/[\w.*][ \t]+[<>=!~]/.test(first)) return 'put a comma between two conditions'
  if (/^~=\s*\d+$/.test(first)) return '~= needs a version with a dot, such as ~=2.0'
  if (/^[<>~]=?[^,=]*\*/.test(first)) return '.* is only allowed after == and !='
  if (/,\s*$/.test(first)) return 'remove the comma at its end'
  return null
}

/**
 * Reads a set of version specifiers as uv reads those of a package. https://peps.python.org/pep-0440/
 *
 * @returns whether one of them keeps out newer versions; null when the text is not such a set
 */
export function readSpecifiers(text: string): { readonly isBounded: boolean } | null {
  // uv takes a comma at the end.
  const list = text.trim().replace(/,\s*$/, '').split(',')
  const each = list.map((one) => one.trim())
  // Unlike the PEP, uv takes only versions after ===.
  const isArbitrary = (one: string) => one.startsWith('===') && valid(one.slice(3).trim()) === null
  const isValid = each.every(
    (one) => one !== '' && !isArbitrary(one) && validRange(one) && !/(?:[a-z]|-)\d*\.\*$/i.test(one),
  )
  if (!isValid) return null
  return { isBounded: each.some((one) => bounds.includes(operators.exec(one)?.[0] ?? '')) }
}
