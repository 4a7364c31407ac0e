import { systemClock } from '../../../src/http/clock.ts'
import { defaultPolicy, withPolicy } from '../../../src/http/exchange.ts'
import { createNodeSend } from '../../../src/http/node-fetch.ts'
import { createHub } from '../../../src/hub/hub.ts'
import { createScriptJobTrainer } from '../../../src/trainers/job/script-job.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { names } from '../../sandbox/world.ts'
import { listen, order as orderOf } from '../../trainers/order.ts'

/** The body of a request for a Job. */
export type JobRequest = Readonly<Record<string, unknown>> & {
  readonly dockerImage: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly flavor: string
  readonly timeoutSeconds: number
  readonly volumes: readonly { source: string; mountPath: string; revision?: string }[]
}

/** The newest request for a Job that a Hub got. */
export function newestJobRequest({ requests }: SandboxHub): JobRequest {
  const path = `/api/jobs/${names.org}`
  const request = requests.findLast((each) => each.method === 'POST' && each.path === path)
  return JSON.parse(request?.body ?? '{}')
}

/** Starts a Job with this project's own trainer, stops it, and returns what was sent for it. */
export async function startOurs(sandbox: SandboxHub): Promise<JobRequest> {
  const http = withPolicy({ send: createNodeSend(), policy: defaultPolicy, clock: systemClock })
  const hub = createHub({
    url: sandbox.url,
    token: names.hubToken,
    http,
    platformFetch: fetch,
    clock: systemClock,
    debug: () => undefined,
  })
  const trainer = createScriptJobTrainer({
    hub,
    trainingHub: hub,
    clock: systemClock,
    waitLimitMs: null,
    stepVariable: () => undefined,
  })
  const revision = sandbox.repository(names.dataset).refs.get('refs/heads/main') ?? ''
  const order = orderOf(
    {
      trainer: 'job',
      inputDataset: names.dataset,
      targetNamespace: names.org,
      image: 'python:3.12',
      command: 'sleep 100',
      expectModel: false,
      giveToken: true,
    },
    { revision },
  )
  const heard = listen()
  const run = await trainer.start(order, heard)
  await trainer.cancel?.(order, run, heard.signal)
  return newestJobRequest(sandbox)
}

/** `hf` reads variables as a .env file has them: a value of several lines is written in quotes. */
const quoted = (value: string) =>
  value.includes('\n') ? JSON.stringify(value).replaceAll('$', '\\$') : value

const flags = (name: string, values: Readonly<Record<string, string>>) =>
  Object.entries(values).flatMap(([key, value]) => [name, `${key}=${quoted(value)}`])

/** @returns the arguments by which `hf` asks for the same Job */
export function asArguments(request: JobRequest): string[] {
  const volumes = request.volumes.map(
    ({ source, mountPath, revision }) =>
      `hf://datasets/${source}${revision ? `@${revision}` : ''}:${mountPath}`,
  )
  return [
    ...['jobs', 'run', '--detach', '--namespace', names.org],
    ...['--flavor', request.flavor, '--timeout', `${request.timeoutSeconds}s`],
    ...flags('--env', request.environment),
    ...flags('--label', request.labels),
    ...['--secrets', 'HF_TOKEN'],
    ...volumes.flatMap((volume) => ['--volume', volume]),
    request.dockerImage,
    ...request.command,
  ]
}

/** All values of a request by their paths. */
function leaves(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, JSON.stringify(value)]])
  const entries = Object.entries(value)
  if (entries.length === 0) return new Map([[path, JSON.stringify(value)]])
  return new Map(
    entries.flatMap(([name, inner]) => [...leaves(inner, path === '' ? name : `${path}.${name}`)]),
  )
}

/** @returns the paths of the values that only one of two requests has, or that differ */
export function compareRequests(
  ours: Readonly<Record<string, unknown>>,
  theirs: Readonly<Record<string, unknown>>,
): string[] {
  const [left, right] = [leaves(ours), leaves(theirs)]
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort()
  return paths.filter((path) => left.get(path) !== right.get(path))
}
