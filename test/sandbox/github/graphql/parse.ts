/** A value as a query spells it. */
export type Value =
  | { kind: 'variable'; name: string }
  | { kind: 'enum'; name: string }
  | { kind: 'constant'; value: string | number | boolean | null }
  | { kind: 'object'; fields: Map<string, Value> }

/** One field of a selection; `selections` is undefined where the query has no braces. */
export interface Field {
  kind: 'field'
  alias: string
  name: string
  args: Map<string, Value>
  selections: Selection[] | undefined
}

/** A field, or `... on Type { ... }`. */
export type Selection = Field | { kind: 'on'; type: string; selections: Selection[] }

/** A query, parsed. */
export interface Query {
  /** From the name to the type as it is spelled, such as `String!`. */
  variables: Map<string, string>
  selections: Selection[]
}

/** What is wrong with a query as a whole: GraphQL then answers nothing but this. */
export class QueryError extends Error {
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    super(message)
    this.name = 'QueryError'
    this.code = code
  }
}

const tokenPattern =
  /[\s,\ufeff]+|#[^\n\r]*|(\.\.\.|[!$():=@[\]{|}&]|[_A-Za-z]\w*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\n]|\\.)*")/gy

function tokensOf(text: string): string[] {
  const tokens: string[] = []
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex
    const match = tokenPattern.exec(text)
    if (match === null) throw new QueryError(`Expected a token, actual: ${JSON.stringify(text[at])}`)
    if (match[1] !== undefined) tokens.push(match[1])
  }
  return tokens
}

/**
 * Parses one query operation. Named fragments, directives and lists are valid GraphQL that the sandbox does not know.
 * https://spec.graphql.org/October2021/#sec-Appendix-Grammar-Summary
 *
 * @throws QueryError for what is no query, or one that the sandbox does not know
 */
export function parseQuery(text: string): Query {
  const tokens = tokensOf(text)
  let position = 0
  const peek = () => tokens[position]
  const accept = (token: string) => {
    if (peek() !== token) return false
    position += 1
    return true
  }
  const fail = (expected: string): never => {
    const actual = peek() === undefined ? 'the end of the query' : JSON.stringify(peek())
    throw new QueryError(`Parse error: expected ${expected}, actual: ${actual}`)
  }
  const expect = (token: string) => accept(token) || fail(JSON.stringify(token))
  const name = (): string => {
    const token = peek() ?? ''
    if (!/^[_A-Za-z]/.test(token)) fail('a name')
    position += 1
    return token
  }

  function typeName(): string {
    const base = name()
    return accept('!') ? `${base}!` : base
  }

  function variables(): Map<string, string> {
    const found = new Map<string, string>()
    if (!accept('(')) return found
    while (!accept(')')) {
      expect('$')
      const variable = name()
      expect(':')
      found.set(variable, typeName())
    }
    return found
  }

  function value(): Value {
    if (accept('$')) return { kind: 'variable', name: name() }
    if (accept('{')) return { kind: 'object', fields: namedValues('}') }
    const token = peek() ?? ''
    if (/^["\d-]/.test(token)) {
      position += 1
      return { kind: 'constant', value: JSON.parse(token) }
    }
    const word = name()
    if (['true', 'false', 'null'].includes(word)) return { kind: 'constant', value: JSON.parse(word) }
    return { kind: 'enum', name: word }
  }

  function namedValues(end: string): Map<string, Value> {
    const found = new Map<string, Value>()
    while (!accept(end)) {
      const key = name()
      expect(':')
      found.set(key, value())
    }
    return found
  }

  function selectionSet(): Selection[] {
    expect('{')
    const found: Selection[] = []
    do {
      found.push(accept('...') ? inlineFragment() : field())
    } while (!accept('}'))
    return found
  }

  function inlineFragment(): Selection {
    expect('on')
    return { kind: 'on', type: name(), selections: selectionSet() }
  }

  function field(): Field {
    const first = name()
    const given = accept(':') ? name() : first
    const args = accept('(') ? namedValues(')') : new Map<string, Value>()
    const selections = peek() === '{' ? selectionSet() : undefined
    return { kind: 'field', alias: first, name: given, args, selections }
  }

  let declared = new Map<string, string>()
  if (accept('query')) {
    if (peek() !== '(' && peek() !== '{') name()
    declared = variables()
  }
  const selections = selectionSet()
  if (peek() !== undefined) fail('the end of the query')
  return { variables: declared, selections }
}
