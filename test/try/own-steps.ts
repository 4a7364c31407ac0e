import { loadConfigFile } from '../../src/action/runner/load-config.ts'
import type { Recipe } from '../../src/domain/recipe.ts'
import { Refused } from '../../src/domain/verdict.ts'
import { recipeInputNames, resolveRecipes } from '../../src/recipe/resolve.ts'
import { textsOf } from '../sandbox/runner/workflow/expressions.ts'
import type { Workflow } from '../sandbox/runner/workflow/workflow.ts'
import { TryError } from './try-error.ts'
import { ownRoot, type WrittenStep, type WrittenWorkflow } from './workflow-file.ts'

/** All steps of a workflow as they are written. */
export function stepsOf({ content }: WrittenWorkflow): WrittenStep[] {
  return Object.values(content.jobs).flatMap(({ steps }) => (Array.isArray(steps) ? steps : []))
}

/** `owner/name` of what `uses:` names; `./` stays. */
export const actionName = ({ uses }: WrittenStep) => String(uses ?? '').split('@')[0] ?? ''

/**
 * Tells whether a step uses this action.
 *
 * @param renamed `owner/name` of a copy under another name; null for none
 */
export function isOwn(file: WrittenWorkflow, renamed: string | null): (step: WrittenStep) => boolean {
  return (step) => {
    const name = actionName(step)
    if (name === './') return file.repository === ownRoot
    return name === renamed || /^[\w.-]+\/auto-retrain$/.test(name)
  }
}

/**
 * Checks that a step uses this action.
 *
 * @throws TryError with the actions that the steps use, where none of them is this one
 */
export function requireOwnStep(file: WrittenWorkflow, own: (step: WrittenStep) => boolean): void {
  const steps = stepsOf(file)
  if (steps.some(own)) return
  const others = [...new Set(steps.map(actionName).filter((name) => name !== ''))]
  const found = others.length === 0 ? 'They use no action.' : `They use ${others.join(', ')}.`
  throw new TryError(
    `No step of ${file.shownPath} uses this action. ${found} A step that does has "uses: OWNER/auto-retrain@REF"; for a ` +
      'copy under another name, add --action OWNER/NAME.',
  )
}

/** What is known before a run: nothing of other jobs and steps. */
export interface KnownBefore {
  readonly inputs: Record<string, unknown>
  readonly vars: Record<string, string>
  readonly event: string
}

/**
 * The recipes that the steps of this action train. A step whose recipe the action will refuse has none: the run says
 * why.
 *
 * @param options.workflow as GitHub's parser reads it
 */
export function recipesOf(options: {
  file: WrittenWorkflow
  workflow: Workflow
  own: (step: WrittenStep) => boolean
  known: KnownBefore
}): Recipe[] {
  const { file, workflow, own, known } = options
  const unknown = {
    env: {},
    secrets: {},
    needs: {},
    steps: {},
    matrix: {},
    strategy: {},
    job: {},
    runner: {},
  }
  const contexts = { ...unknown, ...known, github: { event_name: known.event, event: {} } }
  return workflow.jobs.flatMap((job) => {
    let hasFiles = false
    return job.steps.flatMap(({ token }, index) => {
      const step = file.content.jobs[job.id]?.steps?.[index] ?? {}
      if (actionName(step) === 'actions/checkout') hasFiles = true
      if (!own(step)) return []
      const inputs = textsOf(token.find('with'), { contexts })
      return recipesFor(inputs, hasFiles ? file.repository : null)
    })
  })
}

function recipesFor(inputs: Record<string, string>, workspace: string | null): Recipe[] {
  const given = recipeInputNames.flatMap((name) => (inputs[name] ? [[name, inputs[name]]] : []))
  try {
    const file = workspace === null ? null : loadConfigFile({ path: inputs.config || null, workspace })
    return resolveRecipes({ file, inputs: Object.fromEntries(given) })
  } catch (error) {
    if (error instanceof Refused) return []
    throw error
  }
}
