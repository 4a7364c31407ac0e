/** The names that a marker may ask for, old spellings included. https://packaging.python.org/en/latest/specifications/dependency-specifiers/ */
const names = new Set([
  'python_version',
  'python_full_version',
  'os_name',
  'sys_platform',
  'platform_release',
  'platform_system',
  'platform_version',
  'platform_machine',
  'platform_python_implementation',
  'implementation_name',
  'implementation_version',
  'extra',
  'extras',
  'dependency_groups',
  'os.name',
  'sys.platform',
  'platform.version',
  'platform.machine',
  'platform.python_implementation',
  'python_implementation',
])

const token = /\s*(?:("[^"]*"|'[^']*')|(===|~=|==|!=|<=|>=|<|>|[()])|([\w.]+))/y

/** Deeper parentheses are no marker of a person. */
const maxDepth = 50

/**
 * Says what is wrong with the marker of a dependency, such as `python_version < "3.12"`.
 *
 * @param text what follows the semicolon, of at most some thousand characters
 * @returns the end of a sentence; null when nothing is
 */
export function markerProblem(text: string): string | null {
  const tokens = tokensOf(text.trim())
  if (tokens === null) return 'the marker after ; has a character that is not allowed there'
  const reader = { tokens, at: 0 }
  const found = readOr(reader, 0)
  if (found !== null) return found
  return reader.at === tokens.length
    ? null
    : `the marker after ; has ${tokens[reader.at] ?? ''} where and or or belongs`
}

interface Reader {
  readonly tokens: readonly string[]
  at: number
}

function tokensOf(text: string): string[] | null {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const match = token.exec(text)
    if (match === null) return null
    tokens.push(match[0].trim())
  }
  return tokens
}

function readOr(reader: Reader, depth: number): string | null {
  for (;;) {
    const wrong = readTerm(reader, depth)
    if (wrong !== null) return wrong
    const next = reader.tokens[reader.at]
    if (next !== 'and' && next !== 'or') return null
    reader.at += 1
  }
}

function readTerm(reader: Reader, depth: number): string | null {
  if (reader.tokens[reader.at] !== '(') return readComparison(reader)
  if (depth >= maxDepth) return 'the marker after ; has too many parentheses'
  reader.at += 1
  const wrong = readOr(reader, depth + 1)
  if (wrong !== null) return wrong
  if (reader.tokens[reader.at] !== ')') return 'the marker after ; lacks a closing parenthesis'
  reader.at += 1
  return null
}

function readComparison(reader: Reader): string | null {
  const left = readValue(reader)
  if (left !== null) return left
  const operator = reader.tokens[reader.at] ?? ''
  const isNot = operator === 'not' && reader.tokens[reader.at + 1] === 'in'
  if (!isNot && operator !== 'in' && !/^[<>=!~]/.test(operator)) {
    return 'the marker after ; lacks a comparison, as in sys_platform == "linux"'
  }
  reader.at += isNot ? 2 : 1
  return readValue(reader)
}

function readValue(reader: Reader): string | null {
  const value = reader.tokens[reader.at]
  if (value === undefined) return 'the marker after ; ends too early'
  if (!names.has(value) && !/^["']/.test(value)) {
    return `the marker after ; has ${value}, which is neither a quoted text nor a name such as python_version`
  }
  reader.at += 1
  return null
}
