import type { TrainerName } from '../domain/recipe.ts'
import type { Trainer } from '../domain/training.ts'
import type { Api } from '../http/api.ts'
import type { Clock } from '../http/clock.ts'
import type { Hub } from '../hub/hub.ts'
import { createAutotrainTrainer } from './autotrain/autotrain.ts'
import { createClassicTrainer } from './autotrain-classic/autotrain-classic.ts'
import { createCommandTrainer } from './command/command.ts'
import { createScriptJobTrainer } from './job/job.ts'
import type { JobTools } from './jobs/job-trainer.ts'

/** Milliseconds that a runner of GitHub gives a job. https://docs.github.com/en/actions/reference/limits */
const hostedLimit = 6 * 60 * 60 * 1000

/** What the trainers work with. */
export interface TrainerTools {
  readonly hub: Hub
  /** The API of the guide's AutoTrain. */
  readonly classicApi: Api
  /** The base URL of the guide's AutoTrain for people. */
  readonly classicUiUrl: string
  readonly clock: Clock
  /** The environment of the runner's step: what a command gets its own from. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A folder for files that are gone with the job (`RUNNER_TEMP`). */
  readonly tempDir: string
  /** The page of the workflow run, where a command's log is. */
  readonly workflowUrl: string
}

/** Makes every trainer that a recipe may name. Nothing is started, read or asked. */
export function createTrainers(tools: TrainerTools): Record<TrainerName, Trainer> {
  const { hub, classicApi, classicUiUrl, clock, environment, tempDir, workflowUrl } = tools
  // Only the runners of GitHub end a job after six hours.
  const waitLimit = environment.RUNNER_ENVIRONMENT === 'github-hosted' ? hostedLimit : null
  const jobTools: JobTools = { hub, clock, waitLimit }
  return {
    autotrain: createAutotrainTrainer(jobTools),
    'autotrain-classic': createClassicTrainer({ api: classicApi, uiUrl: classicUiUrl }),
    job: createScriptJobTrainer(jobTools),
    command: createCommandTrainer({ hub, clock, waitLimit, environment, tempDir, workflowUrl }),
  }
}
