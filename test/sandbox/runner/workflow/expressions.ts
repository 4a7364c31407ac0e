import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import { TokenType } from '@actions/expressions/lexer'
import { truthy } from '@actions/expressions/result'
import { isBasicExpression, isLiteral, isMapping, isScalar, isSequence } from '@actions/workflow-parser'
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token'

/** What an expression may look at. */
export interface Scope {
  /** By name: `github`, `env`, `secrets` ... as plain JSON. */
  contexts: Record<string, unknown>
  /** `success`, `failure`, `cancelled`, `always`; each is given the ids it was called with. */
  status?: Record<string, (ids: string[]) => boolean>
}

const statusNames = ['always', 'cancelled', 'failure', 'success']

function toData(value: unknown): data.ExpressionData {
  return JSON.parse(JSON.stringify(value ?? null), data.reviver) as data.ExpressionData
}

function statusFunction(name: string, scope: Scope) {
  return {
    name,
    minArgs: 0,
    maxArgs: 255,
    call: (...ids: data.ExpressionData[]) => {
      const answer = scope.status?.[name]
      if (answer === undefined) throw new Error(`${name}() is not available here.`)
      return new data.BooleanData(answer(ids.map((id) => id.coerceString())))
    },
  }
}

const hashFiles = {
  name: 'hashFiles',
  minArgs: 1,
  maxArgs: 255,
  call: (): data.ExpressionData => {
    throw new Error('The sandbox runner does not know hashFiles().')
  },
}

function evaluateExpression(expression: string, scope: Scope): data.ExpressionData {
  const contexts = new data.Dictionary(
    ...Object.entries(scope.contexts).map(([key, value]) => ({ key, value: toData(value) })),
  )
  const functions = [hashFiles, ...statusNames.map((name) => statusFunction(name, scope))]
  const tokens = lex(expression)
  const tree = new Parser(tokens, Object.keys(scope.contexts), functions).parse()
  const byName = new Map(functions.map((definition) => [definition.name.toLowerCase(), definition]))
  return new Evaluator(tree, contexts, byName).evaluate()
}

// The lexer turns only the first '' of a text into '.
function lex(expression: string) {
  const { tokens } = new Lexer(expression).lex()
  return tokens.map((token) =>
    token.type === TokenType.STRING
      ? { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") }
      : token,
  )
}

/** Whether a condition holds. */
export function holds(condition: string, scope: Scope): boolean {
  return truthy(evaluateExpression(condition, scope))
}

/**
 * The value of a part of a workflow as plain JSON, every `${{ }}` in it evaluated.
 *
 * @returns undefined without a token
 */
export function evaluate(token: TemplateToken | undefined, scope: Scope): unknown {
  if (token === undefined) return undefined
  if (isBasicExpression(token)) {
    return JSON.parse(JSON.stringify(evaluateExpression(token.expression, scope), data.replacer))
  }
  if (isMapping(token)) {
    return Object.fromEntries(
      [...token].map(({ key, value }) => [textOf(key, scope), evaluate(value, scope)]),
    )
  }
  if (isSequence(token)) return [...token].map((item) => evaluate(item, scope))
  return isLiteral(token) ? token.toJSON() : null
}

/** The value of a scalar as text, the way expressions turn values into text; empty without a token. */
export function textOf(token: TemplateToken | undefined, scope: Scope): string {
  if (token === undefined || !isScalar(token)) return ''
  if (isBasicExpression(token)) return evaluateExpression(token.expression, scope).coerceString()
  return isLiteral(token) ? token.toString() : ''
}

/** The entries of a mapping as text (`env`, `with`, `outputs`); none without a token. */
export function textsOf(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
  if (token === undefined || !isMapping(token)) return {}
  return Object.fromEntries([...token].map(({ key, value }) => [textOf(key, scope), textOf(value, scope)]))
}
