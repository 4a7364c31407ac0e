import type { SandboxHub } from '../start.ts'
import type { Job } from './jobs.ts'

/** @returns a Job's body: valid, with changes */
export const spec = (change: object = {}) => ({
  flavor: 'cpu-basic',
  dockerImage: 'python:3.12',
  command: ['sh', '-c', 'echo hello'],
  timeoutSeconds: 600,
  ...change,
})

/** @returns a Job's body that runs a shell script */
export const shell = (script: string, change: object = {}) =>
  spec({ command: ['sh', '-c', script], ...change })

/** One answer of the API. */
interface JobAnswer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: whatever the API answers, looked into by assertions
  answer: any
}

/** Ways to try a Hub's Jobs through its API. */
export interface JobTrial {
  call(path: string, options?: { token?: string; body?: unknown; method?: string }): Promise<JobAnswer>
  /** Starts a Job of ann's. */
  start(body: object): Promise<Job>
  /** Runs a Job of ann's to its end. */
  run(body: object): Promise<{ job: Job; answer: JobAnswer['answer']; lines: string[] }>
}

/**
 * @param hub a Hub that knows the user `ann` by the token `hf_ann`
 * @returns calls of its API
 */
export function tryJobs(hub: SandboxHub): JobTrial {
  const call: JobTrial['call'] = async (path, options = {}) => {
    const { token = 'hf_ann', body, method = body === undefined ? 'GET' : 'POST' } = options
    const response = await fetch(`${hub.url}/api/jobs${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, headers: response.headers, answer: await response.json() }
  }

  const start: JobTrial['start'] = async (body) => {
    const { answer } = await call('/ann', { body })
    const job = hub.jobs.all.find(({ id }) => id === answer.id)
    if (job === undefined) throw new Error(`The Job was refused: ${answer.error}`)
    return job
  }

  return {
    call,
    start,
    async run(body) {
      const job = await start(body)
      await hub.jobs.settled()
      const { answer } = await call(`/ann/${job.id}`)
      return { job, answer, lines: job.log.lines.map(({ data }) => data) }
    },
  }
}
