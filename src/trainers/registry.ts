import type { TrainerName } from '../domain/recipe.ts'
import type { Trainer } from '../domain/training.ts'
import type { Api } from '../http/api.ts'
import type { Clock } from '../http/clock.ts'
import type { Hub } from '../hub/hub.ts'
import { createAutotrainTrainer } from './autotrain/autotrain.ts'
import { createClassicTrainer } from './autotrain-classic/autotrain-classic.ts'
import { createCommandTrainer } from './command/command.ts'
import { createScriptJobTrainer } from './job/script-job.ts'
import type { JobTools } from './jobs/job-kind.ts'
import { createUvScriptTrainer } from './script/script.ts'

/** How long a GitHub-hosted runner lets a job run. https://docs.github.com/en/actions/reference/limits */
const hostedLimitMs = 6 * 60 * 60 * 1000

/** What the trainers need. */
export interface TrainerTools {
  readonly hub: Hub
  /** The Hub as the training token sees it. @default hub */
  readonly trainingHub?: Hub
  /** The API of the guide's AutoTrain. */
  readonly classicApi: Api
  /** The base URL of the guide's AutoTrain for the browser. */
  readonly classicUiUrl: string
  readonly clock: Clock
  /** The environment of the runner's step, which a command inherits in part. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A folder that the runner empties after the job (`RUNNER_TEMP`). */
  readonly tempDir: string
  /** The page of the workflow run, which has a command's log. */
  readonly workflowUrl: string
}

/** Creates every trainer that a recipe may name. Starts nothing and makes no request. */
export function createTrainers(tools: TrainerTools): Record<TrainerName, Trainer> {
  const { hub, trainingHub = hub, classicApi, classicUiUrl, clock, environment, tempDir, workflowUrl } = tools
  // Self-hosted runners have no such limit.
  const waitLimitMs = environment.RUNNER_ENVIRONMENT === 'github-hosted' ? hostedLimitMs : null
  const stepVariable = (name: string) => environment[name]
  const jobTools: JobTools = { hub, trainingHub, clock, waitLimitMs, stepVariable }
  return {
    autotrain: createAutotrainTrainer(jobTools),
    'autotrain-classic': createClassicTrainer({ api: classicApi, uiUrl: classicUiUrl, hubUrl: hub.url }),
    script: createUvScriptTrainer(jobTools),
    job: createScriptJobTrainer(jobTools),
    command: createCommandTrainer({ hub, clock, waitLimitMs, environment, tempDir, workflowUrl }),
  }
}
