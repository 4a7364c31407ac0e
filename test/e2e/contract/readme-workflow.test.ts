import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { codeBlocks } from '../../../scripts/markdown-blocks.ts'
import { digitFiles } from '../../demo/digits.ts'
import type { RunResult } from '../../sandbox/runner/step/results.ts'
import { names, startWorld, type World } from '../../sandbox/world.ts'

const readme = readFileSync(fileURLToPath(new URL('../../../README.md', import.meta.url)), 'utf8')
const workflow = codeBlocks(readme).find(({ text }) => text.startsWith('name: Retrain'))?.text ?? ''

describe("The README's workflow, pasted as it stands there", () => {
  let world: World

  beforeAll(async () => {
    world = await startWorld({
      files: digitFiles({ from: 0, perDigit: 6 }),
      runner: { ownWorkflows: false, workflows: { 'retrain.yml': workflow } },
    })
  })
  afterAll(() => world.close())

  const verdictOf = async (run: Promise<RunResult>) => {
    const { jobs } = await world.runner.finished((await run).id)
    return jobs.flatMap(({ steps }) => steps).find(({ outputs }) => outputs.verdict)?.outputs.verdict
  }

  test('By hand it first plans and spends nothing; without dry-run it trains; the schedule trains what is new.', async () => {
    expect(await verdictOf(world.runner.manual('retrain.yml'))).toBe('planned')
    expect(world.hub.jobs.all).toHaveLength(0)
    expect(await verdictOf(world.runner.manual('retrain.yml', { 'dry-run': false }))).toBe('succeeded')
    expect(await verdictOf(world.runner.schedule('retrain.yml'))).toBe('skipped')
    world.hub.commit(names.dataset, { files: digitFiles({ from: 6, perDigit: 1 }) })
    expect(await verdictOf(world.runner.schedule('retrain.yml'))).toBe('succeeded')
    expect(world.hub.jobs.all).toHaveLength(2)
  })
})
