import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Recipe } from '../../../src/domain/recipe.ts'
import type { Hub } from '../../../src/hub/hub.ts'
import { type DataSource, findDataSource } from '../../../src/trainers/autotrain/dataset-layout.ts'
import { connect } from '../../hub/connect.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { startHub } from '../../sandbox/hub/start.ts'
import { order } from '../order.ts'
import type { LayoutCase } from './layout/cases.ts'
import { decidedLayouts } from './layout/decided-layouts.ts'
import { relatedLayouts } from './layout/related-layouts.ts'
import { triedLayouts } from './layout/tried-layouts.ts'

const token = 'hf_ann0token0of0the0test'
let sandbox: SandboxHub
let hub: Hub

beforeEach(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token })
  hub = connect(sandbox.url, token).hub
})
afterEach(() => sandbox.close())

/** Where AutoTrain reads a dataset from that consists of these files. */
async function sourceOf(
  files: readonly string[],
  change: Partial<Recipe> = {},
  card?: string,
  { isPrivate = false } = {},
) {
  const contents = Object.fromEntries(files.map((path) => [path, 'text,target\na,b\n']))
  const all = { ...contents, ...(card !== undefined && { 'README.md': card }) }
  sandbox.createDataset({ name: 'ann/digits', private: isPrivate, files: all })
  // What is in the files is another question, and what cannot be read refuses nothing.
  sandbox.fault({ path: /\/resolve\//, status: 404, times: Number.POSITIVE_INFINITY })
  const revision = sandbox.repository('ann/digits').refs.get('refs/heads/main') ?? ''
  // What is there now says nothing about the revision.
  const deletions = Object.keys(all)
  sandbox.commit('ann/digits', { deletions, files: { 'moved.txt': 'x' } })
  const asked = order({ task: 'text-classification', ...change }, { revision })
  const source = await findDataSource(hub, asked, new AbortController().signal)
  const { layout } = source.known ?? {}
  return { ...source, problem: layout?.kind === 'failing' ? layout.reason : null }
}

/** The source in the words of the tables. */
function described(source: DataSource & { problem: string | null }) {
  const { validation, problem } = source
  if (problem !== null) return { is: 'refused', because: problem }
  return source.isPinned ? { is: 'mounted', validation } : { is: 'hub', because: source.why, validation }
}

const cases = (list: readonly LayoutCase[]) => list.map((each) => [each.title, each] as const)

describe('The plan says how AutoTrain reads a layout, as real AutoTrain does:', () => {
  test.each(cases([...triedLayouts, ...relatedLayouts, ...decidedLayouts]))(
    '%s',
    async (_title, { files, recipe, card, expected }) => {
      const source = await sourceOf(files, recipe, card === undefined ? undefined : `---\n${card}---\n`)
      const matched =
        'because' in expected ? { ...expected, because: expect.stringMatching(expected.because) } : expected
      expect(described(source)).toEqual(matched)
    },
  )
})

describe('The reason of a refusal names a path', () => {
  const files = ['train/circle/1.png', 'train/square/secret/1.png']

  test('of a public dataset.', async () => {
    const { problem } = await sourceOf(files, { task: 'image-classification' })
    expect(problem).toContain('train/square/secret/')
  })

  test('only where everyone may know it: not of a private dataset.', async () => {
    const { problem } = await sourceOf(files, { task: 'image-classification' }, undefined, {
      isPrivate: true,
    })
    expect(problem).toMatch(/^input-dataset: a folder lies deeper/)
    expect(problem).not.toContain('secret')
  })
})
