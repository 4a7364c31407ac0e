import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expectsModel, type Recipe } from '../../src/domain/recipe.ts'
import { tableKind } from '../../src/domain/tasks.ts'
import { compileCache } from '../e2e/stage/checkout.ts'
import type { Job } from '../sandbox/hub/jobs/jobs.ts'
import type { RunResult } from '../sandbox/runner/step/results.ts'
import { readWorkflows, type Workflow } from '../sandbox/runner/workflow/workflow.ts'
import { names, startWorld, type World } from '../sandbox/world.ts'
import { type DataFiles, dataOfFolder, madeUpData, madeUpModel } from './made-up.ts'
import { isOwn, recipesOf, requireOwnStep } from './own-steps.ts'
import { playedSecrets, playedWorkflow } from './stand-ins.ts'
import { chooseEvent, inputsOf, type PlayedEvent, play } from './trigger.ts'
import { TryError } from './try-error.ts'
import { readWorkflowFile, type WrittenWorkflow } from './workflow-file.ts'

/** What a person asks for. */
export interface TryOptions {
  /** The workflow file, from `folder` or absolute. */
  readonly path: string
  /** Where the person stands. */
  readonly folder: string
  /** @default the first that the workflow listens to */
  readonly event?: string
  readonly inputs?: Record<string, string>
  readonly variables?: Record<string, string>
  /** `owner/name` of a copy of this action under another name. */
  readonly action?: string
  /** A folder with the files of every dataset that is not in the sandbox. @default made-up files */
  readonly data?: string
  readonly withScripts?: boolean
  /** Told once, before the run starts. */
  readonly onReady: (ready: Ready) => void
  /** Aborted: everything that was started ends, and the promise is rejected. */
  readonly signal: AbortSignal
}

/** What is about to run. */
export interface Ready {
  readonly event: PlayedEvent
  readonly recipes: readonly Recipe[]
  /** What does not really run or is made up, as sentences. */
  readonly notes: readonly string[]
}

/** A user of the sandbox Hub who may write to every namespace that the recipes name. */
const writer = { name: 'sandbox-user', token: 'hf_TheSandboxUserWritesWithThis0004' }

/**
 * Runs a workflow file against the sandbox's Hub and GitHub, with the packaged action.
 *
 * @returns the run, from its first step to its last
 * @throws TryError with a sentence for the person, before anything starts
 */
export async function tryWorkflow(options: TryOptions): Promise<RunResult> {
  const { inputs = {}, variables = {}, withScripts = false } = options
  const file = readWorkflowFile(options.path, options.folder)
  const own = isOwn(file, options.action ?? null)
  requireOwnStep(file, own)
  const temporary = mkdtempSync(join(tmpdir(), 'try-'))
  try {
    const played = playedWorkflow(file, { own, withScripts, folder: temporary })
    const workflow = await parsedWorkflow(file, played.text)
    const event = chooseEvent(workflow, options.event ?? null)
    const given = event === 'workflow_dispatch' ? inputsOf(workflow, inputs) : {}
    const recipes = recipesOf({ file, workflow, own, known: { inputs: given, vars: variables, event } })
    const runsCommand = recipes.find(({ trainer }) => trainer === 'command')
    if (runsCommand !== undefined && !withScripts) {
      throw new TryError(
        `The trainer of ${runsCommand.autotrainProjectPrefix} is "command", which runs a script on the runner: here, on ` +
          'this machine. Add --run-scripts to allow that.',
      )
    }
    const data = options.data === undefined ? null : dataOfFolder(resolve(options.folder, options.data))
    const world = await startWorld({
      files: {},
      hub: { jobs: { play: (job) => playedJob(job, recipes) } },
      runner: {
        checkout: file.repository ?? temporary,
        ownWorkflows: false,
        workflows: { [file.name]: played.text },
        actions: played.actions,
        variables,
        environment: compileCache,
        secrets: playedSecrets(file, {
          own,
          known: {
            hubToken: writer.token,
            webhookSecret: names.webhookSecret,
            gitHubToken: names.relayToken,
          },
        }),
      },
    })
    try {
      const made = furnish(world, { recipes, data })
      options.onReady({
        event,
        recipes,
        notes: [...made, ...trainingNotes(recipes), ...played.notes, ...contextNotes(file, variables)],
      })
      const [first] = recipes
      const change = first === undefined ? null : { dataset: first.inputDataset, sha: headOf(world, first) }
      const run = play({ runner: world.runner, workflow, name: file.name, event, inputs, change })
      return await Promise.race([run, aborted(options.signal)])
    } finally {
      await world.close()
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason))
  })
}

const headOf = ({ hub }: World, { inputDataset, ref }: Recipe) =>
  hub.repository(inputDataset).refs.get(ref) ?? ''

async function parsedWorkflow({ name, shownPath }: WrittenWorkflow, text: string): Promise<Workflow> {
  const [parsed] = await readWorkflows({ folder: undefined, extra: { [name]: text } })
  if (parsed?.workflow !== undefined) return parsed.workflow
  throw new TryError(`${shownPath} is not a workflow that can run here: ${parsed?.problems.join(' ')}`)
}

/** Makes the accounts, datasets and base models of the recipes. @returns sentences about what is made up */
function furnish(
  world: World,
  { recipes, data }: { recipes: readonly Recipe[]; data: DataFiles | null },
): string[] {
  const { hub } = world
  const places = recipes.flatMap(({ inputDataset, targetNamespace, publishTo }) => [
    owner(inputDataset),
    targetNamespace,
    ...(publishTo === null ? [] : [owner(publishTo)]),
  ])
  const namespaces = new Set(places)
  hub.addUser({ ...writer, orgs: [names.org, ...namespaces] })
  const notes: string[] = []
  const datasets = new Map(recipes.map((recipe) => [recipe.inputDataset, recipe]))
  for (const [name, recipe] of datasets) {
    const files = data ?? madeUpData(recipe)
    if (name === names.dataset) hub.commit(name, { files: Object.fromEntries(Object.entries(files)) })
    else hub.createDataset({ name, files })
    if (recipe.ref.startsWith('refs/heads/') && !hub.repository(name).refs.has(recipe.ref)) {
      hub.branch(name, recipe.ref.slice('refs/heads/'.length))
    }
    const source = data === null ? 'made up' : 'those of --data'
    notes.push(`The files of the dataset ${name} are ${source}: ${summed(Object.keys(files))}.`)
  }
  for (const recipe of recipes) {
    const { inputModel: model } = recipe
    if (model === names.model || tableKind(recipe.task) !== null) continue
    if (hub.state.repositories.find('model', model) !== undefined) continue
    if (!model.includes('/')) {
      notes.push(`The sandbox has no models without a namespace, such as ${model}: write NAMESPACE/${model}.`)
      continue
    }
    hub.createBaseModel(model, madeUpModel(recipe))
    notes.push(`The base model ${model} is only a made-up config.json.`)
  }
  return notes
}

const owner = (name: string) => name.split('/')[0] ?? ''

const summed = (paths: readonly string[]) =>
  paths.length > 3 ? `${paths.length} files, such as ${paths[0]}` : paths.join(', ')

/** What the workflow takes from the settings of its repository. */
function contextNotes({ content }: WrittenWorkflow, variables: Record<string, string>): string[] {
  const named = [...JSON.stringify(content).matchAll(/\bvars\.([\w-]+)/g)].map(([, name = '']) => name)
  const missing = [...new Set(named)].filter((name) => !(name in variables))
  const isApproved = Object.values(content.jobs).some(({ environment }) => environment !== undefined)
  return [
    ...missing.map((name) => `The variable ${name} is empty. Give it a value with --var ${name}=VALUE.`),
    ...(isApproved ? ['Environments have no rules: their jobs start without a review.'] : []),
  ]
}

const isStandIn = ({ trainer, task }: Recipe) => trainer === 'autotrain' && task === 'image-classification'

function trainingNotes(recipes: readonly Recipe[]): string[] {
  const notes = [
    'The Hub, GitHub and its runner are stand-ins on this machine. The tokens and secrets are made up, and nothing costs.',
  ]
  if (recipes.some(isStandIn)) {
    notes.push(
      'AutoTrain is a stand-in that trains a small classifier on the CPU: its metrics say nothing about yours.',
    )
  }
  if (recipes.some((recipe) => !isStandIn(recipe) && recipe.trainer !== 'command')) {
    notes.push(
      'The training is played: no script and no image runs. It pushes placeholder weights and a metric of 0.9.',
    )
  }
  const slow = recipes.filter(({ settle }) => settle > 0)
  if (slow.length > 0) notes.push('The recipe has settle, and the run really waits as long.')
  return notes
}

const pushModel = fileURLToPath(new URL('../e2e/stage/push-model.js', import.meta.url))

/** The shell script in place of a Job's command; undefined where the stand-in for AutoTrain trains. */
function playedJob(job: Job, recipes: readonly Recipe[]): string[] | undefined {
  const { AUTO_RETRAIN_MODEL: model = '' } = job.spec.environment
  const recipe = recipes.find(({ targetNamespace, autotrainProjectPrefix }) =>
    model.startsWith(`${targetNamespace}/${autotrainProjectPrefix}-`),
  )
  if (recipe === undefined || isStandIn(recipe)) return undefined
  const metric = recipe.compareMetric?.split(':')[0] ?? 'eval_accuracy'
  const line = `auto-retrain:metrics ${JSON.stringify({ [metric]: 0.9 })}`
  const push = expectsModel(recipe)
    ? 'printf "# A played model\\n" | "$NODE" "$PUSH" --private --card --files "$FILES"'
    : 'true'
  const script = `echo "try: this training is played."; printf "%s\\n" "$LINE"; export HF_TOKEN="$TOKEN"; ${push}`
  return [
    'env',
    `NODE=${process.execPath}`,
    `PUSH=${pushModel}`,
    `LINE=${line}`,
    `FILES=${Buffer.from('{"model.joblib": "weights"}').toString('base64')}`,
    `TOKEN=${writer.token}`,
    'sh',
    '-c',
    script,
  ]
}
