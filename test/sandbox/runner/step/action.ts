import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NoOperationTraceWriter } from '@actions/workflow-parser'
import {
  type ActionTemplate,
  convertActionTemplate,
  parseAction,
} from '@actions/workflow-parser/actions/index'
import { parse } from 'yaml'
import { type Scope, textOf } from '../workflow/expressions.ts'

/** A JavaScript action as its `action.yml` describes it. */
export interface Action {
  folder: string
  main: string
  post?: string
  /** Of `post`. @default always() */
  postCondition: string
  inputs: NonNullable<ActionTemplate['inputs']>
}

/**
 * Reads an action's description with GitHub's own parser.
 *
 * @param folder that holds `action.yml` or `action.yaml`
 * @throws Error when there is none, when it is wrong, or when it is not a JavaScript action
 */
export function readAction(folder: string): Action {
  const file = ['action.yml', 'action.yaml'].map((name) => join(folder, name)).find(existsSync)
  if (file === undefined) {
    throw new Error(
      `Can't find 'action.yml' or 'action.yaml' under '${folder}'. Did you forget to run actions/checkout before running your local action?`,
    )
  }
  // As JSON for the same reason as workflows: see parseText there.
  const content = JSON.stringify(parse(readFileSync(file, 'utf8')))
  const parsed = parseAction({ name: file, content }, new NoOperationTraceWriter())
  const problems = () => parsed.context.errors.getErrors().map((error) => error.message)
  if (parsed.value === undefined || problems().length > 0) throw new Error(problems().join('\n'))
  const template = convertActionTemplate(parsed.context, parsed.value)
  if (problems().length > 0) throw new Error(problems().join('\n'))
  const { runs, inputs = [] } = template
  if (runs.using !== 'node24' && runs.using !== 'node20') {
    throw new Error(`The sandbox runner runs node24 and node20 actions, not '${runs.using}'.`)
  }
  return {
    folder,
    main: runs.main,
    ...(runs.post === undefined ? {} : { post: runs.post }),
    postCondition: runs.postIf ?? 'always()',
    inputs,
  }
}

/** An action's inputs with its defaults filled in, and what the runner says about them. */
export interface ResolvedInputs {
  inputs: Record<string, string>
  warnings: string[]
}

/**
 * Fills in the defaults. A required input that is missing is only empty: the runner leaves that to the action.
 *
 * @param given what `with:` came to; case does not count in the names
 */
export function resolveInputs(action: Action, given: Record<string, string>, scope: Scope): ResolvedInputs {
  const inputs = { ...given }
  const warnings: string[] = []
  const givenNames = new Set(Object.keys(given).map((name) => name.toLowerCase()))
  for (const { id, default: fallback, deprecationMessage } of action.inputs) {
    if (!givenNames.has(id.toLowerCase())) inputs[id] = textOf(fallback, scope)
    else if (deprecationMessage !== undefined) {
      warnings.push(`Input '${id}' has been deprecated with message: ${deprecationMessage}`)
    }
  }
  const valid = action.inputs.map(({ id }) => id)
  const unexpected = Object.keys(given).filter(
    (name) => !valid.some((id) => id.toLowerCase() === name.toLowerCase()),
  )
  if (unexpected.length > 0) {
    warnings.push(
      `Unexpected input(s) '${unexpected.join("', '")}', valid inputs are ['${valid.join("', '")}']`,
    )
  }
  return { inputs, warnings }
}

/** `INPUT_*`: upper case, spaces become `_`, hyphens stay. */
export function inputVariables(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  )
}
