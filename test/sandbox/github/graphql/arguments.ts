import { type Query, QueryError, type Value } from './parse.ts'
import { enumTypes, inputTypes } from './schema.ts'

/** What a query was sent with: its declared variables and their values. */
export interface Variables {
  declared: Query['variables']
  values: Record<string, unknown>
}

const scalars: Record<string, (value: unknown) => boolean> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
  Int: (value) => Number.isInteger(value),
  Boolean: (value) => typeof value === 'boolean',
  GitObjectID: (value) => typeof value === 'string',
}

/** The value of each declared variable; sentences as of graphql-ruby, which GitHub runs. */
export function checkVariables({ declared, values }: Variables): void {
  for (const [name, type] of declared) {
    const base = type.replace('!', '')
    const isKnown = base in scalars || base in enumTypes || base in inputTypes
    if (!isKnown) throw new QueryError(`${base} isn't a defined input type (on $${name})`)
    const value = values[name] ?? null
    const isValid = value === null ? !type.endsWith('!') : (scalars[base]?.(value) ?? true)
    if (!isValid) throw new QueryError(`Variable $${name} of type ${type} was provided invalid value`)
  }
}

/**
 * The value of an argument.
 *
 * @param where names the argument in a refusal
 * @returns undefined for a variable without a value
 * @throws QueryError for a value that is not of the type
 */
export function coerce(
  value: Value,
  type: string,
  context: { where: string; variables: Variables },
): unknown {
  const { where, variables } = context
  const base = type.replace('!', '')
  const fail = (shown: string) =>
    new QueryError(
      `${where} has an invalid value (${shown}). Expected type '${type}'.`,
      'argumentLiteralsIncompatible',
    )
  if (value.kind === 'variable') return ofVariable(value.name, type, { where, variables })
  if (value.kind === 'enum') {
    if (!enumTypes[base]?.includes(value.name)) throw fail(value.name)
    return value.name
  }
  if (value.kind === 'object') {
    const fields = inputTypes[base]
    if (fields === undefined) throw fail('{...}')
    const missing = Object.keys(fields).find((name) => fields[name]?.endsWith('!') && !value.fields.has(name))
    if (missing !== undefined) throw fail(`{...} without ${missing}`)
    return Object.fromEntries(
      [...value.fields].map(([name, inner]) => {
        const innerType = fields[name]
        if (innerType === undefined) throw fail(`{${name}: ...}`)
        return [
          name,
          coerce(inner, innerType, { where: `Argument '${name}' on InputObject '${base}'`, variables }),
        ]
      }),
    )
  }
  const isValid = value.value === null ? !type.endsWith('!') : scalars[base]?.(value.value)
  if (!isValid) throw fail(JSON.stringify(value.value))
  return checkedOid(value.value, base)
}

function ofVariable(name: string, type: string, context: { where: string; variables: Variables }): unknown {
  const { declared, values } = context.variables
  const given = declared.get(name)
  if (given === undefined) {
    throw new QueryError(
      `Variable $${name} is used by anonymous query but not declared`,
      'variableNotDefined',
    )
  }
  if (given.replace('!', '') !== type.replace('!', '') || (type.endsWith('!') && !given.endsWith('!'))) {
    const message = `Type mismatch on variable $${name} and ${context.where} (${given} / ${type})`
    throw new QueryError(message, 'variableMismatch')
  }
  return checkedOid(values[name] ?? undefined, type.replace('!', ''))
}

function checkedOid(value: unknown, type: string): unknown {
  if (type === 'GitObjectID' && typeof value === 'string' && !/^[0-9a-f]{40}$/.test(value)) {
    throw new QueryError(`Could not coerce value "${value}" to GitObjectID`, 'argumentLiteralsIncompatible')
  }
  return value
}
