import { isMapping } from '@actions/workflow-parser'
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token'
import { evaluate } from './expressions.ts'
import { tokenAt, type Workflow } from './workflow.ts'

/** What wakes a workflow. */
export interface Trigger {
  /** `GITHUB_EVENT_NAME` */
  name: 'repository_dispatch' | 'workflow_dispatch' | 'schedule'
  /** What is in the file of `GITHUB_EVENT_PATH`. */
  event: Record<string, unknown>
  /** The `inputs` context; empty unless a person started it. */
  inputs: Record<string, unknown>
}

/** Whether the workflow's `on:` asks for a dispatch of this type. */
export function listensTo(workflow: Workflow, eventType: string): boolean {
  const wanted = workflow.events.repository_dispatch as { types?: string[] } | undefined
  return wanted !== undefined && (wanted.types === undefined || wanted.types.includes(eventType))
}

interface InputDefinition {
  type?: 'string' | 'boolean' | 'number' | 'choice' | 'environment'
  required?: boolean
  default?: unknown
  options?: string[]
}

/**
 * The trigger of a person who starts the workflow. Refuses what GitHub refuses.
 * https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
 *
 * @param given the inputs that were filled in
 * @param common what every event has: `repository`, `sender`
 * @throws Error when the workflow cannot be started by hand, and for inputs that are missing, unknown or wrong
 */
export function manualTrigger(
  workflow: Workflow,
  given: Record<string, string | boolean | number>,
  common: Record<string, unknown>,
): Trigger {
  if (workflow.events.workflow_dispatch === undefined) {
    throw new Error(`Workflow does not have 'workflow_dispatch' trigger: ${workflow.path}`)
  }
  const definitions = inputDefinitions(tokenAt(workflow.root, 'on', 'workflow_dispatch', 'inputs'))
  const unexpected = Object.keys(given).filter((name) => !(name in definitions))
  if (unexpected.length > 0) throw new Error(`Unexpected inputs provided: ${JSON.stringify(unexpected)}`)
  const texts = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, inputText(name, definition, given[name])]),
  )
  const typed = Object.entries(definitions).map(([name, { type }]) => [
    name,
    typedValue(texts[name] ?? '', type),
  ])
  return {
    name: 'workflow_dispatch',
    event: { ...common, inputs: texts, ref: `refs/heads/main`, workflow: workflow.path },
    inputs: Object.fromEntries(typed),
  }
}

function inputDefinitions(token: TemplateToken | undefined): Record<string, InputDefinition> {
  if (token === undefined || !isMapping(token)) return {}
  const definitions = evaluate(token, { contexts: {} }) as Record<string, InputDefinition | null>
  return Object.fromEntries(Object.entries(definitions).map(([name, value]) => [name, value ?? {}]))
}

function inputText(name: string, definition: InputDefinition, given: unknown): string {
  const value = given ?? definition.default
  if (definition.required === true && (value === undefined || value === '')) {
    throw new Error(`Required input '${name}' not provided`)
  }
  const text = String(value ?? (definition.type === 'boolean' ? false : ''))
  if (definition.type === 'choice' && value !== undefined && !(definition.options ?? []).includes(text)) {
    throw new Error(`Provided value '${text}' for input '${name}' not in the list of allowed values`)
  }
  if (definition.type === 'boolean' && !['true', 'false'].includes(text)) {
    throw new Error(`Provided value '${text}' for input '${name}' is not a boolean`)
  }
  return text
}

function typedValue(text: string, type: InputDefinition['type']): unknown {
  if (type === 'boolean') return text === 'true'
  return type === 'number' && text !== '' ? Number(text) : text
}

/**
 * The trigger of the clock.
 *
 * @param common what every event has
 * @throws Error when the workflow has no `schedule`
 */
export function scheduleTrigger(workflow: Workflow, common: Record<string, unknown>): Trigger {
  const schedule = workflow.events.schedule as { cron: string }[] | undefined
  const cron = schedule?.[0]?.cron
  if (cron === undefined) throw new Error(`Workflow does not have a 'schedule' trigger: ${workflow.path}`)
  return { name: 'schedule', event: { ...common, schedule: cron, workflow: workflow.path }, inputs: {} }
}
