import { describe, expect, test } from '@jest/globals'
import { shortRevision } from '../../../src/domain/revision.ts'
import { succeeded } from '../provider.ts'
import { type PublishRig, publishing, stable, startPublishRig } from '../publish/publish-rig.ts'
import type { RunOptions } from '../rig.ts'
import { minute } from '../workflow-repository.ts'
import { beginLife, type Death } from './mortal.ts'

const deaths = ['before', 'after'] as const

/** The calls of a publication to the Hub and GitHub: at least so many to die at. */
const minCalls = 20

/** Runs the action as a process that may die at one of its calls; null when it did. */
async function live(rig: PublishRig, death: Death | null, options: RunOptions = {}) {
  const life = beginLife(death)
  const running = rig.run({
    recipes: [publishing()],
    ...options,
    platformFetch: life.fetch,
    act: life.act,
  })
  return await life.outlive(running)
}

/** At no moment does main hold half a model: what config and weights it has come from one run. */
function expectWhole(rig: PublishRig): void {
  if (rig.hub.state.repositories.find('model', stable) === undefined) return
  const { commits } = rig.hub.repository(stable, 'model')
  for (const { sha } of commits.values()) {
    const config = rig.read('config.json', sha)
    const weights = rig.read('model.safetensors', sha)
    if (config === undefined && weights === undefined) continue
    expect(weights).toContain(config?.trim())
  }
}

/** A first model is published, and a second is about to be. */
async function startStory(): Promise<PublishRig> {
  const rig = await startPublishRig()
  await rig.train({ files: { 'config.json': 'zero' }, metrics: { zero: 0 } })
  rig.commit()
  rig.trains({ files: { 'config.json': 'one', 'vocab.txt': 'a' }, metrics: { one: 1 } })
  return rig
}

/** The calls from the end of the training on: those before are killed in the other stories. */
async function callsOfPublication(): Promise<{ first: number; last: number }> {
  const rig = await startStory()
  try {
    const life = beginLife(null)
    let first = 0
    rig.provider.does({
      follow: async () => {
        first = life.count()
        rig.provider.endAll()
        return succeeded
      },
    })
    await life.outlive(rig.run({ recipes: [publishing()], platformFetch: life.fetch, act: life.act }))
    return { first, last: life.count() }
  } finally {
    await rig.close()
  }
}

/** A model is published, killed at each call in turn; something follows; at its end it is published once. */
async function tell(when: Death['when'], follows: (rig: PublishRig) => Promise<void>): Promise<void> {
  const { first, last } = await callsOfPublication()
  expect(last - first).toBeGreaterThan(minCalls)
  for (let at = first; at <= last; at += 1) {
    const rig = await startStory()
    try {
      await live(rig, { at, when })
      expectWhole(rig)
      await follows(rig)
      expectWhole(rig)
      for (let checks = 0; checks < 2; checks += 1) {
        rig.home.clock.advance(11 * minute)
        rig.provider.endAll()
        await live(rig, null)
        expectWhole(rig)
      }
      expect(rig.paths()).toEqual(['config.json', 'model.safetensors', 'vocab.txt'])
      expect(rig.titles().filter((title) => title.startsWith('Publish'))).toHaveLength(2)
      expect(rig.tags()).toHaveLength(2)
      const records = await rig.records(publishing())
      expect(records.filter(({ publish }) => publish !== null)).toEqual([])
    } catch (error) {
      throw new Error(`Killed ${when} call ${at}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      })
    } finally {
      await rig.close()
    }
  }
}

describe.each(deaths)('A workflow run whose machine is lost right %s any of its calls', (when) => {
  test('Its model is published once, by the checks that follow.', () => tell(when, async () => undefined))

  test('Its model is published once when two checks follow at the same time.', () =>
    tell(when, async (rig) => {
      rig.home.clock.advance(11 * minute)
      await Promise.all([live(rig, null), live(rig, null)])
    }))
})

describe.each(deaths)('A rollback that is killed right %s any of its calls', (when) => {
  test('The next check finishes it, or it never began.', async () => {
    for (let at = 1; ; at += 1) {
      const rig = await startPublishRig()
      try {
        await rig.train({ files: { 'config.json': 'zero' }, metrics: { zero: 0 } })
        const first = shortRevision(rig.head())
        await rig.train({ files: { 'config.json': 'one' }, metrics: { one: 1 } })
        const request = { publishRevision: first, byPerson: true }
        const lived = await live(rig, { at, when }, { request })
        expectWhole(rig)
        rig.home.clock.advance(11 * minute)
        const { outcome } = (await live(rig, null)) ?? {}
        expectWhole(rig)
        const begun = rig.home.refs().some((ref) => ref.endsWith('publish/3'))
        expect([at, rig.read('config.json')]).toEqual([at, begun ? 'zero' : 'one'])
        expect([at, outcome?.publication?.now?.n]).toEqual([at, begun ? 3 : 2])
        if (lived !== null) return
      } finally {
        await rig.close()
      }
    }
  })
})
