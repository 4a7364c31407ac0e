import { checkVariables, coerce, type Variables } from './arguments.ts'
import { type Field, type Query, QueryError, type Selection, type Value } from './parse.ts'
import { type FieldDefinition, objectTypes, possibleTypes } from './schema.ts'

/**
 * Refuses what GitHub's schema does not allow, before anything is looked up. Sentences and codes as of graphql-ruby.
 *
 * @throws QueryError with the first breach
 */
export function validateQuery(query: Query, values: Record<string, unknown>): void {
  const variables: Variables = { declared: query.variables, values }
  checkVariables(variables)
  const used = new Set<string>()
  validateSelections(query.selections, 'Query', { variables, used })
  const unused = [...query.variables.keys()].find((name) => !used.has(name))
  if (unused !== undefined) {
    throw new QueryError(`Variable $${unused} is declared by anonymous query but not used`, 'variableNotUsed')
  }
}

interface Context {
  variables: Variables
  used: Set<string>
}

function validateSelections(selections: Selection[], type: string, context: Context): void {
  const keys = new Map<string, string>()
  for (const selection of selections) {
    if (selection.kind === 'on') {
      const isPossible = selection.type === type || possibleTypes[type]?.includes(selection.type)
      if (!(selection.type in objectTypes)) {
        throw new QueryError(
          `No such type ${selection.type}, so it can't be a fragment condition`,
          'undefinedType',
        )
      }
      if (!isPossible) {
        throw new QueryError(
          `Fragment on ${selection.type} can't be spread inside ${type}`,
          'cannotSpreadFragment',
        )
      }
      validateSelections(selection.selections, selection.type, context)
      continue
    }
    const shown = `${selection.name} ${JSON.stringify([...selection.args])}`
    if ((keys.get(selection.alias) ?? shown) !== shown) {
      throw new QueryError(`Field '${selection.alias}' has a field conflict`, 'fieldConflict')
    }
    keys.set(selection.alias, shown)
    validateField(selection, type, context)
  }
}

function validateField(field: Field, type: string, context: Context): void {
  const definition = field.name === '__typename' ? { type: 'String' } : objectTypes[type]?.[field.name]
  if (definition === undefined) {
    throw new QueryError(`Field '${field.name}' doesn't exist on type '${type}'`, 'undefinedField')
  }
  validateArguments(field, definition, context)
  const isObject = definition.type in objectTypes
  if (isObject && field.selections === undefined) {
    const hint = `Did you mean '${field.name} { ... }'?`
    const message = `Field must have selections (field '${field.name}' returns ${definition.type} but has no selections. ${hint})`
    throw new QueryError(message, 'selectionMismatch')
  }
  if (!isObject && field.selections !== undefined) {
    const message = `Selections can't be made on scalars (field '${field.name}' returns ${definition.type})`
    throw new QueryError(message, 'selectionMismatch')
  }
  validateSelections(field.selections ?? [], definition.type, context)
}

function validateArguments(field: Field, { args = {} }: FieldDefinition, context: Context): void {
  const required = Object.keys(args).filter((name) => args[name]?.endsWith('!') && !field.args.has(name))
  if (required.length > 0) {
    const message = `Field '${field.name}' is missing required arguments: ${required.join(', ')}`
    throw new QueryError(message, 'missingRequiredArguments')
  }
  for (const [name, value] of field.args) {
    const type = args[name]
    if (type === undefined) {
      throw new QueryError(`Field '${field.name}' doesn't accept argument '${name}'`, 'argumentNotAccepted')
    }
    for (const variable of variablesIn(value)) context.used.add(variable)
    const where = `Argument '${name}' on Field '${field.name}'`
    coerce(value, type, { where, variables: context.variables })
  }
}

function variablesIn(value: Value): string[] {
  if (value.kind === 'variable') return [value.name]
  return value.kind === 'object' ? [...value.fields.values()].flatMap(variablesIn) : []
}

/** The arguments of a field of a valid query. */
export function argumentsOf(field: Field, type: string, variables: Variables): Record<string, unknown> {
  const { args = {} } = objectTypes[type]?.[field.name] ?? {}
  return Object.fromEntries(
    [...field.args].map(([name, value]) => [
      name,
      coerce(value, args[name] ?? 'String', { where: name, variables }),
    ]),
  )
}
