import type { Live } from './questions.ts'
import { field, mustBe } from './service.ts'

/** The cheapest hardware of Jobs: https://huggingface.co/docs/hub/jobs-pricing */
export const flavor = 'cpu-basic'

/** The body of a commit with one small file. @param parentCommit what the head must be */
export function commitBody(summary: string, parentCommit?: string): string {
  const header = { key: 'header', value: { summary, ...(parentCommit !== undefined && { parentCommit }) } }
  const file = { key: 'file', value: { path: 'notes.txt', content: summary, encoding: 'utf-8' } }
  return `${JSON.stringify(header)}\n${JSON.stringify(file)}\n`
}

/** Makes a private model that is deleted at the end. Resolves with its full name. */
export async function makeModel({ hub, undo, freeName, namespace }: Live): Promise<string> {
  const owner = await namespace()
  const user = field(mustBe(200, await hub.send('GET', '/api/whoami-v2')), 'name')
  const where = { name: freeName, type: 'model', ...(owner !== user && { organization: owner }) }
  mustBe(200, await hub.send('POST', '/api/repos/create', { ...where, private: true }))
  undo(`delete the model ${owner}/${freeName}`, async () =>
    mustBe(200, await hub.send('DELETE', '/api/repos/delete', where)),
  )
  return `${owner}/${freeName}`
}

/** Whether a Job, as the Hub shows it, goes on. */
const isLive = (job: unknown) => ['SCHEDULING', 'RUNNING'].includes(String(field(job, 'status.stage')))

/** How long a Job is waited for: 20 minutes, of which most is the image. */
const checks = { count: 240, everyMs: 5000 }

/** How a Job ended. */
interface Ended {
  readonly stage: string
  readonly message: string
  readonly lines: readonly string[]
}

/** The lines of a log, which comes as server-sent events. */
function linesOf(events: string): string[] {
  return events.split('\n').flatMap((line) => {
    const data = /^data: ?(\{.*\})\r?$/.exec(line)?.[1]
    const text = data === undefined ? '' : String(JSON.parse(data).data ?? '')
    return text === '' || text.startsWith('=====') ? [] : [text]
  })
}

/**
 * Waits for a Job's end.
 *
 * @param find reads the Job; undefined while there is none
 * @returns null when it does not end in time
 */
export async function waitForJob(
  { hub, sleep }: Live,
  { namespace, find }: { namespace: string; find: () => Promise<unknown> },
): Promise<Ended | null> {
  for (let tries = 0; tries < checks.count; tries += 1) {
    const job = await find()
    if (job !== undefined && !isLive(job)) {
      const events = await hub.read(`/api/jobs/${namespace}/${field(job, 'id')}/logs`, 20_000)
      const message = String(field(job, 'status.message') ?? 'no message')
      return { stage: String(field(job, 'status.stage')), message, lines: linesOf(events) }
    }
    await sleep(checks.everyMs)
  }
  return null
}

/** Runs a Job to its end on the cheapest hardware; it is stopped whatever happens. */
export async function runJob(
  live: Live,
  job: { dockerImage: string; command: readonly string[]; timeoutSeconds: number },
): Promise<Ended> {
  const { hub, undo, freeName } = live
  const namespace = await live.namespace()
  const body = { ...job, arguments: [], environment: {}, secrets: {}, flavor, labels: { name: freeName } }
  const id = String(field(mustBe(200, await hub.send('POST', `/api/jobs/${namespace}`, body)), 'id'))
  const path = `/api/jobs/${namespace}/${id}`
  const find = async () => mustBe(200, await hub.send('GET', path))
  undo(
    `stop the Job ${id}`,
    async () => isLive(await find()) && mustBe(200, await hub.send('POST', `${path}/cancel`)),
  )
  const ended = await waitForJob(live, { namespace, find })
  if (ended === null) throw new Error('The Job did not end within 20 minutes.')
  return ended
}
