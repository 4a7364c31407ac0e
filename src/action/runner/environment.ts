import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as z from 'zod/mini'
import { decodeText } from '../../domain/text/decode.ts'
import { Refused } from '../../domain/verdict.ts'
import { type Visibility, visibilityOf } from '../../domain/visibility.ts'
import { parseEndpoint } from '../../http/endpoint.ts'

/** The base URLs of the services, without a trailing slash. */
interface Endpoints {
  readonly hub: string
  readonly githubApi: string
  readonly autotrainApi: string
  readonly autotrainUi: string
}

/** The run of the workflow that this step belongs to. */
export interface WorkflowRun {
  /** `owner/name` of the workflow's repository. */
  readonly repository: string
  /** GitHub's number of the repository, which survives a rename; empty where the runner does not say. */
  readonly repositoryId: string
  /** The workflow's file: `owner/repo/.github/workflows/x.yml@ref`. */
  readonly file: string
  readonly visibility: Visibility
  readonly id: string
  /** 1, and one more for each re-run. */
  readonly attempt: number
  /** The page of the run. */
  readonly url: string
  /** The commit of the workflow's repository. */
  readonly commit: string
  /** The event that triggered the workflow: `repository_dispatch`, `workflow_dispatch`, `schedule`... */
  readonly eventName: string
  /** `client_payload` of a dispatch: from outside. */
  readonly clientPayload: unknown
  /** The folder of the checkout; empty without a checkout. */
  readonly workspace: string
}

/** The environment of the step. https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
export interface Environment {
  readonly endpoints: Endpoints
  readonly workflow: WorkflowRun
  /** All environment variables of the step, from which a command on the runner gets its own. Contains secrets. */
  readonly runner: Readonly<Record<string, string | undefined>>
  /** A folder for files that the runner deletes after the job. */
  readonly tempDir: string
}

const eventSchema = z.object({
  client_payload: z.optional(z.unknown()),
  repository: z.optional(
    z.object({
      visibility: z.optional(z.nullable(z.string())),
      private: z.optional(z.nullable(z.boolean())),
    }),
  ),
})
type Event = z.infer<typeof eventSchema>

/**
 * Reads the environment and the event's file.
 *
 * @throws Refused when a variable is missing or an endpoint may not receive a token
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const required = (name: string): string => {
    const value = env[name]
    if (value === undefined || value === '') {
      throw new Refused(`${name} is not set: run auto-retrain as a step of a GitHub Actions workflow.`)
    }
    return value
  }
  const endpoint = (name: string, fallback: string) => parseEndpoint(name, env[name] || fallback)
  const repository = required('GITHUB_REPOSITORY')
  const id = required('GITHUB_RUN_ID')
  const attempt = Number(env.GITHUB_RUN_ATTEMPT || '1')
  const server = env.GITHUB_SERVER_URL || 'https://github.com'
  const event = readEvent(env.GITHUB_EVENT_PATH)
  const url = `${server}/${repository}/actions/runs/${id}`
  return {
    endpoints: {
      hub: endpoint('HF_ENDPOINT', 'https://huggingface.co'),
      githubApi: endpoint('GITHUB_API_URL', 'https://api.github.com'),
      autotrainApi: endpoint('AUTOTRAIN_API_URL', 'https://api.autotrain.huggingface.co'),
      autotrainUi: endpoint('AUTOTRAIN_UI_URL', 'https://ui.autotrain.huggingface.co'),
    },
    workflow: {
      repository,
      repositoryId: env.GITHUB_REPOSITORY_ID ?? '',
      file: env.GITHUB_WORKFLOW_REF || env.GITHUB_WORKFLOW || '',
      visibility: visibilityOf(event.repository),
      id,
      attempt,
      url: attempt > 1 ? `${url}/attempts/${attempt}` : url,
      commit: env.GITHUB_SHA ?? '',
      eventName: required('GITHUB_EVENT_NAME'),
      clientPayload: event.client_payload,
      workspace: env.GITHUB_WORKSPACE || '.',
    },
    runner: { ...env },
    tempDir: env.RUNNER_TEMP || tmpdir(),
  }
}

function readEvent(path: string | undefined): Event {
  if (path === undefined || path === '') return {}
  const event = 'The file at GITHUB_EVENT_PATH'
  try {
    const decoded = decodeText(readFileSync(path))
    if (!decoded.isText) throw new Refused(`${event} is ${decoded.found}: save it as UTF-8.`)
    return eventSchema.parse(JSON.parse(decoded.text))
  } catch (cause) {
    if (cause instanceof Refused) throw cause
    throw new Refused(`${event} is not an event of GitHub.`, { cause })
  }
}
