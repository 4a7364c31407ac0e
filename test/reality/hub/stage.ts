import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digitFiles } from '../../demo/digits.ts'
import type { HubOptions } from '../../sandbox/hub/hub.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { names } from '../../sandbox/world.ts'

/** A sandbox Hub for a client that others wrote, and a folder for its files. */
export interface ClientStage {
  readonly hub: SandboxHub
  readonly folder: string
  /** The client's whole environment. */
  readonly environment: NodeJS.ProcessEnv
}

/** Lends a stage for some work, and clears it away. @param options of the Hub, beside its own */
export async function onClientStage<T>(
  work: (stage: ClientStage) => Promise<T>,
  options: Pick<HubOptions, 'now' | 'jobs'> = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hub-client-'))
  const hub = await startHub({
    quotas: { api: 1e9, resolvers: 1e9, pages: 1e9 },
    ...options,
    jobs: { graceMs: 100, ...options.jobs },
  })
  try {
    hub.addUser({ name: names.user, token: names.hubToken, orgs: [names.org] })
    hub.addToken({ user: names.user, token: 'hf_read', role: 'read' })
    hub.createDataset({ name: names.dataset, private: false, files: digitFiles({ from: 0, perDigit: 1 }) })
    const environment = {
      PATH: process.env.PATH,
      HOME: folder,
      HF_HOME: join(folder, 'home'),
      HF_ENDPOINT: hub.url,
      HF_TOKEN: names.hubToken,
      HF_HUB_DISABLE_TELEMETRY: '1',
      HF_HUB_DISABLE_UPDATE_CHECK: '1',
      NO_COLOR: '1',
    }
    return await work({ hub, folder, environment })
  } finally {
    await hub.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
