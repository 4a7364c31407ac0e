import type { RunResult } from '../../sandbox/runner/step/results.ts'
import { names, startWorld, type World, type WorldOptions } from '../../sandbox/world.ts'
import { type ActionRun, actionRun } from './action-run.ts'
import { compileCache, packagedAction } from './checkout.ts'
import { type EventOptions, envelopeFor } from './dispatches.ts'
import { type WorkflowOptions, workflowText } from './text/workflow-text.ts'

/** A recipe of its own in a world that others use too: dataset, project prefix and workflow have its name. */
export interface Case {
  readonly name: string
  /** `namespace/name` */
  readonly dataset: string
  /** The head of main, as it is now. */
  head(): string
  /** Commits one file of data, whose text is the commit's number unless files are given, and gives the new head. */
  commit(files?: Record<string, string>): string
  /** Adds or replaces the workflow; what is given wins over the recipe's inputs. */
  workflow(inputs?: WorkflowOptions['with'], rest?: Partial<WorkflowOptions>): void
  /** Runs the workflow by hand, with inputs that differ when some are given. */
  manual(inputs?: WorkflowOptions['with'], rest?: Partial<WorkflowOptions>): Promise<ActionRun>
  schedule(): Promise<ActionRun>
  /** Wakes the workflow by a good dispatch for the head, or for what is given. */
  dispatch(event?: Partial<EventOptions> & { id?: string }): Promise<ActionRun>
  /** Wakes the workflow by a dispatch with exactly this payload. */
  dispatchRaw(payload: object): Promise<ActionRun>
  rerun(run: ActionRun): Promise<ActionRun>
  /** The AutoTrain projects that were made for it. */
  projects(): World['autotrain']['projects']
}

/** A world whose runner runs the packaged action. */
export interface Stage extends World {
  /** Makes a dataset, and a workflow that watches it. */
  case(options?: CaseOptions): Case
}

/** How a case may differ from its defaults. */
interface CaseOptions {
  /** @default a number */
  name?: string
  /** The dataset's namespace. @default the world's organisation */
  namespace?: string
  /** The dataset's name in its namespace. @default the case's name */
  datasetName?: string
  private?: boolean
  /** @default one image */
  files?: Record<string, string>
}

/** How a stage may differ from its defaults. */
export interface StageOptions extends Omit<WorldOptions, 'runner'> {
  /** Files of the checkout beside the action, by path. */
  code?: Readonly<Record<string, string>>
  runner?: Omit<NonNullable<WorldOptions['runner']>, 'checkout' | 'workflows' | 'ownWorkflows'>
}

/** Starts a world; to be closed. */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const { code = {}, ...worldOptions } = options
  const checkout = packagedAction(code)
  const workflows: Record<string, string> = {}
  let cases = 0
  const world = await startWorld({
    ...worldOptions,
    runner: {
      ...options.runner,
      checkout: checkout.folder,
      ownWorkflows: false,
      workflows,
      environment: { ...compileCache, ...options.runner?.environment },
    },
  })
  return {
    ...world,
    async close() {
      await world.close()
      checkout.remove()
    },
    case(given = {}) {
      cases += 1
      const { name = `case-${cases}`, namespace = names.org, private: isPrivate = false } = given
      const dataset = `${namespace}/${given.datasetName ?? name}`
      const files = given.files ?? { 'train/0/first.txt': 'zero' }
      world.hub.createDataset({ name: dataset, private: isPrivate, files })
      return makeCase(world, { name, dataset, workflows })
    },
  }
}

function makeCase(
  world: World,
  { name, dataset, workflows }: { name: string; dataset: string; workflows: Record<string, string> },
): Case {
  const file = `${name}.yml`
  let commits = 0
  const workflow: Case['workflow'] = (inputs = {}, rest = {}) => {
    workflows[file] = workflowText({ name, with: { ...recipeInputs({ name, dataset }), ...inputs }, ...rest })
  }
  const finished = async (run: RunResult | undefined) => {
    if (run === undefined) throw new Error(`The workflow ${name} did not start.`)
    return actionRun(await world.runner.finished(run.id))
  }
  const dispatchRaw = async (payload: object) =>
    finished((await world.runner.dispatch(name, { ...payload }))[0])
  const head = () => world.hub.repository(dataset).refs.get('refs/heads/main') ?? ''
  workflow()
  return {
    name,
    dataset,
    head,
    workflow,
    commit(files) {
      commits += 1
      return world.hub.commit(dataset, { files: files ?? { 'train/1/data.txt': `${commits}` } }).sha
    },
    async manual(inputs, rest) {
      if (inputs !== undefined || rest !== undefined) workflow(inputs, rest)
      return finished(await world.runner.manual(file))
    },
    schedule: async () => finished(await world.runner.schedule(file)),
    dispatch: async (event = {}) => dispatchRaw(await envelopeFor({ dataset, sha: head(), ...event })),
    dispatchRaw,
    rerun: async ({ run }) => finished(await world.runner.rerun(run.id)),
    projects: () => world.autotrain.projects.filter((project) => project.name.startsWith(`${name}-`)),
  }
}

/** The expression by which a workflow reads a secret. */
export function secret(name: string): string {
  return `\${{ secrets.${name} }}`
}

/** The inputs of a recipe of the guide's trainer, and the secrets. */
function recipeInputs(options: { name: string; dataset: string }): Record<string, string> {
  return {
    'hf-token': secret('HF_TOKEN'),
    'webhook-secret': secret('WEBHOOK_SECRET'),
    'input-dataset': options.dataset,
    'input-model': names.model,
    'target-namespace': names.org,
    'autotrain-project-prefix': options.name,
    trainer: 'autotrain-classic',
    discussion: 'each',
  }
}
