import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ActionRun } from '../../e2e/stage/action-run.ts'
import { machinePath } from '../../e2e/stage/trainings.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { names } from '../../sandbox/world.ts'
import { mustRun } from '../tools/command.ts'
import type { Tools } from '../tools/tools.ts'

/** What was published, as the scripts that read it back take it. */
export interface Publications {
  /** The model that people load, `namespace/name`. */
  readonly model: string
  /** The oldest first. */
  readonly publications: readonly { run: string; commit: string; tag: string }[]
}

/** The Pythons of a check: one has the Hub's newest client, the other transformers and the client of AutoTrain's image. */
export interface Pythons {
  readonly newest: string
  readonly transformers: string
  /** Their versions. */
  readonly against: string
}

/** @throws CannotRun when one of them cannot be installed */
export async function findPythons(tools: Tools): Promise<Pythons> {
  const newest = await tools.python('huggingface_hub')
  const transformers = await tools.python('autotrain')
  return {
    newest: newest.program('python'),
    transformers: transformers.program('python'),
    against: [
      await newest.versions('huggingface-hub', 'hf-xet'),
      await transformers.versions('transformers', 'torch', 'huggingface-hub'),
    ].join('; '),
  }
}

/** A script of this folder. */
export function scriptPath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

/** A command of a Job that runs a script of this folder with a Python of this machine. */
export function scriptCommand(python: string, name: string, ...args: readonly string[]): string {
  return [...[python, scriptPath(name)].map(machinePath), ...args].join(' ')
}

/** The publication of a run of the action. @param revision the dataset's commit */
export function publicationOf({ outputs }: ActionRun, revision: string): Publications['publications'][0] {
  const { model: run = '', 'published-revision': commit = '' } = outputs
  return { run, commit, tag: `data-${revision.slice(0, 7)}` }
}

/** What was read back. */
interface ReadBack {
  readonly client?: Record<string, unknown> & { card: { results: readonly (readonly unknown[])[] } }
  readonly transformers?: unknown
}

/**
 * Reads publications back as their users do: with the Hub's client, and with transformers. Both begin without a cache.
 *
 * @returns nothing where a run did not publish
 */
export async function readBack(
  hub: SandboxHub,
  { pythons, publications }: { pythons: Pythons; publications: Publications },
): Promise<ReadBack> {
  if (publications.publications.some(({ commit }) => commit === '')) return {}
  const read = async (python: string, script: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'read-back-'))
    try {
      const { stdout } = await mustRun(python, [scriptPath(script), JSON.stringify(publications)], {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          HF_ENDPOINT: hub.url,
          HF_TOKEN: names.hubToken,
          HF_HUB_DISABLE_TELEMETRY: '1',
          HF_HUB_DISABLE_UPDATE_CHECK: '1',
          OMP_NUM_THREADS: '1',
        },
        timeoutMs: 180_000,
      })
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return {
    client: await read(pythons.newest, 'read.py'),
    transformers: await read(pythons.transformers, 'load.py'),
  }
}

/** How the bytes of a model came to a Hub: the requests for it of each way, counted. */
export function transfersTo({ requests }: SandboxHub, model: string): Record<string, number> {
  const count = (path: RegExp) => requests.filter((request) => path.test(request.path)).length
  return {
    'by Xet': count(new RegExp(`^/api/models/${model}/xet-write-token/`)),
    'by plain LFS': count(new RegExp(`^/${model}\\.git/info/lfs/objects/batch`)),
    copied: requests.filter(
      ({ path, body }) => path.endsWith('/lfs-files/duplicate') && body?.includes(`"${model}"`),
    ).length,
  }
}

/** How many files clients have read from a Hub by Xet. */
export function readsByXet({ storage }: SandboxHub): number {
  return storage.requests.filter(({ path }) => /^\/v\d\/reconstructions\//.test(path)).length
}
