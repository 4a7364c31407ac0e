import { Hono } from 'hono'
import type { Fault, FaultHandle } from '../faults.ts'
import type { Hub } from '../hub/hub.ts'
import type { RecordedRequest } from '../server.ts'
import { startServer } from '../server.ts'
import type { Project, ProjectStatus } from './projects.ts'
import { createProjects, STATUS } from './projects.ts'
import { createClassicApp } from './routes.ts'

/** A running service: what `AUTOTRAIN_API_URL` may point at. */
export interface ClassicAutoTrain {
  readonly url: string
  readonly requests: RecordedRequest[]
  /** Makes the next matching requests go wrong. */
  fault(fault: Fault): FaultHandle
  /** Every project with its data and the calls made on it, oldest first. */
  readonly projects: readonly Project[]
  close(): Promise<void>
}

/** How the service may be told to differ from its defaults. */
export interface ClassicOptions {
  /** Its tokens, accounts and datasets: `(await startHub()).state`. */
  hub: Hub
  /** As today: every path answers 404, or 410. @default false */
  retired?: boolean | 404 | 410
  /** How often a project is still seen in processing after it started. @default 1 */
  processingLooks?: number
  /** What comes of processing. @default STATUS.processed */
  processingEndsWith?: ProjectStatus
}

function retiredApp(status: 404 | 410): Hono {
  const page = `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`
  return new Hono().all('*', (c) => c.html(page, status))
}

/**
 * Starts the AutoTrain service of the guide, as it was until it was retired.
 *
 * @param options see {@link ClassicOptions}
 * @returns the running service
 */
export async function startClassicAutoTrain(options: ClassicOptions): Promise<ClassicAutoTrain> {
  const { hub, retired = false, processingLooks = 1, processingEndsWith = STATUS.processed } = options
  const projects = createProjects({ now: hub.now, looks: processingLooks, endsWith: processingEndsWith })
  const app =
    retired === false ? createClassicApp({ hub, projects }) : retiredApp(retired === true ? 404 : retired)
  const { url, requests, fault, close } = await startServer({ app })
  return { url, requests, fault, close, projects: projects.all }
}
