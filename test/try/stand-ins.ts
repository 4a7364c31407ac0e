import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { actionName, stepsOf } from './own-steps.ts'
import { ownRoot, type WrittenStep, type WrittenWorkflow } from './workflow-file.ts'

/** A workflow whose steps run nothing but this action, unless its scripts are wanted. */
export interface PlayedWorkflow {
  /** JSON, which is YAML. */
  readonly text: string
  /** Folders by the names in `uses:`. */
  readonly actions: Record<string, string>
  /** What does not really run, as sentences. */
  readonly notes: readonly string[]
}

/**
 * Replaces what a machine without a network, and without the user's consent, must not run.
 *
 * @param options.own tells which steps use this action
 * @param options.withScripts whether `run:` steps run
 * @param options.folder for the stand-ins of other actions
 */
export function playedWorkflow(
  file: WrittenWorkflow,
  options: { own: (step: WrittenStep) => boolean; withScripts: boolean; folder: string },
): PlayedWorkflow {
  const { own, withScripts, folder } = options
  const actions: Record<string, string> = {}
  const skipped = { scripts: 0, actions: new Set<string>() }
  const play = (step: WrittenStep): WrittenStep => {
    const name = actionName(step)
    if (own(step)) {
      if (name !== './') actions[name] = ownRoot
      return step
    }
    if (step.run !== undefined && !withScripts) {
      skipped.scripts += 1
      // The name that the runner would show: the script's first line.
      const title = step.name ?? `Run ${String(step.run).split('\n')[0]}`
      const { shell: _shell, 'working-directory': _folder, ...kept } = step
      return {
        ...kept,
        name: title,
        run: 'echo "try: this script was not run. Add --run-scripts to run it."',
      }
    }
    if (step.uses === undefined || name === 'actions/checkout' || name.startsWith('./')) return step
    skipped.actions.add(name)
    actions[name] ??= emptyAction(join(folder, name.replaceAll(/[^\w.-]/g, '_')), inputsOf(file, name))
    return step
  }
  const jobs = Object.entries(file.content.jobs).map(([id, job]) => [
    id,
    Array.isArray(job.steps) ? { ...job, steps: job.steps.map(play) } : job,
  ])
  return {
    text: JSON.stringify({ ...file.content, jobs: Object.fromEntries(jobs) }),
    actions,
    notes: [
      ...(skipped.scripts > 0
        ? [
            `Scripts (run:) are not run: ${skipped.scripts} of them. Add --run-scripts to run them on this machine.`,
          ]
        : []),
      ...(skipped.actions.size > 0
        ? [`Other actions do nothing, and have no outputs: ${[...skipped.actions].join(', ')}.`]
        : []),
    ],
  }
}

const inputsOf = (file: WrittenWorkflow, name: string) =>
  new Set(stepsOf(file).flatMap((step) => (actionName(step) === name ? Object.keys(step.with ?? {}) : [])))

function emptyAction(folder: string, inputs: ReadonlySet<string>): string {
  mkdirSync(folder, { recursive: true })
  const described = Object.fromEntries([...inputs].map((name) => [name, { description: name }]))
  const runs = { using: 'node24', main: 'main.js' }
  writeFileSync(
    join(folder, 'action.yml'),
    JSON.stringify({ name: 'x', description: 'x', inputs: described, runs }),
  )
  writeFileSync(join(folder, 'main.js'), "console.log('try: this action was not run.')\n")
  return folder
}

/** The names of the secrets in a text of a workflow. */
const secretsIn = (text: string) =>
  [...text.matchAll(/\bsecrets(?:\.|\[')([\w-]+)/g)].map(([, name = '']) => name)

/**
 * Values for the secrets that a workflow names: the sandbox's own for the inputs of this action, by whatever name the
 * workflow has for them, and made-up texts for the rest.
 */
export function playedSecrets(
  file: WrittenWorkflow,
  options: {
    own: (step: WrittenStep) => boolean
    known: { hubToken: string; webhookSecret: string; gitHubToken: string }
  },
): Record<string, string> {
  const { own, known } = options
  const secrets = Object.fromEntries(
    secretsIn(JSON.stringify(file.content)).map((name) => [name, `made-up-value-of-${name}`]),
  )
  const byInput: Record<string, string> = {
    'hf-token': known.hubToken,
    'training-token': known.hubToken,
    'webhook-secret': known.webhookSecret,
    'github-token': known.gitHubToken,
  }
  for (const step of stepsOf(file).filter(own)) {
    for (const [input, value] of Object.entries(step.with ?? {})) {
      const played = byInput[input]
      if (played !== undefined) for (const name of secretsIn(String(value))) secrets[name] = played
    }
  }
  return secrets
}
