import type { Check } from '../../../../src/domain/plan/checks.ts'
import type { DataLook } from '../../../../src/domain/plan/training-plan.ts'
import type { Recipe } from '../../../../src/domain/recipe.ts'
import {
  type DataSource,
  findDataSource,
  lookIntoData,
} from '../../../../src/trainers/autotrain/dataset-layout.ts'
import { connect } from '../../../hub/connect.ts'
import { type SandboxHub, startHub } from '../../../sandbox/hub/start.ts'
import { order } from '../../order.ts'

const token = 'hf_ann0token0of0the0test'

/** A dataset on a Hub, and what the trainer finds in it. */
export interface ContentStage {
  readonly sandbox: SandboxHub
  find(
    files: Readonly<Record<string, string | Uint8Array>>,
    recipe?: Partial<Recipe>,
    options?: { card?: string; isPrivate?: boolean },
  ): Promise<DataSource & DataLook & { problem: string | null }>
  close(): Promise<void>
}

/** Starts a Hub on which `find` makes one dataset and looks into it. */
export async function stageContent(): Promise<ContentStage> {
  const sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token })
  const { hub } = connect(sandbox.url, token)
  return {
    sandbox,
    async find(files, recipe = {}, { card, isPrivate = false } = {}) {
      const all = { ...files, ...(card !== undefined && { 'README.md': `---\n${card}---\n` }) }
      sandbox.createDataset({ name: 'ann/reviews', private: isPrivate, files: all })
      const revision = sandbox.repository('ann/reviews').refs.get('refs/heads/main') ?? ''
      // What is there now says nothing about the revision.
      sandbox.commit('ann/reviews', { deletions: Object.keys(files), files: { 'moved.txt': 'x' } })
      const change = { inputDataset: 'ann/reviews', task: 'text-classification', ...recipe } as const
      const asked = order(change, { revision })
      const { signal } = new AbortController()
      const source = await findDataSource(hub, asked, signal)
      const look = await lookIntoData(hub, { source, revision, signal })
      const problem = look.checks.find(({ verdict }) => verdict === 'refused')?.advice ?? null
      return { ...source, ...look, problem }
    },
    close: () => sandbox.close(),
  }
}

/** The verdict and the sentence of a check; undefined where it was not made. */
export function verdictOf({ checks }: DataLook, id: string): [Check['verdict'], string | null] | undefined {
  const check = checks.find((each) => each.id === id)
  return check && [check.verdict, check.advice ?? check.found]
}
