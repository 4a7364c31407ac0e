import { describe, expect, test } from '@jest/globals'
import type { HubHeads } from '../../../src/hub/heads.ts'
import { createModelLook } from '../../../src/relay/reconcile/models.ts'
import { entryOf, start } from './situation.ts'

const seenHead = 'c'.repeat(40)
const newHead = 'd'.repeat(40)
const texts = (count: number, prefix = 'acme/model') =>
  Array.from({ length: count }, (_, n) => `${prefix}-${n}@${seenHead}`)

/** A Hub where every model has a new commit. */
function createLook() {
  const asked: string[] = []
  const heads: HubHeads = {
    async head({ name }) {
      asked.push(name)
      return { revision: newHead, name, id: null, isPrivate: false }
    },
    headDate: async () => start,
  }
  return { asked, look: createModelLook({ heads, hasHubToken: false }) }
}

describe('The models that a reconcile asks for', () => {
  test('The models of one dataset do not use up what another may ask for.', async () => {
    const { asked, look } = createLook()
    await look.moved([entryOf({ models: texts(60) })], [])
    expect(asked).toHaveLength(20)
    const { models } = await look.moved([entryOf({ models: texts(1, 'acme/other') })], [])
    expect(models.map(({ name }) => name)).toEqual(['acme/other-0'])
  })

  test('Several entries of one dataset have twenty models together.', async () => {
    const { asked, look } = createLook()
    await look.moved([entryOf({ models: texts(15) }), entryOf({ models: texts(15, 'acme/more') })], [])
    expect(asked).toHaveLength(20)
  })

  test('A model of many datasets is asked for once, and has moved for those that saw another commit.', async () => {
    const { asked, look } = createLook()
    const old = [entryOf({ models: texts(1) }, start - 5)]
    const current = [entryOf({ models: [`acme/model-0@${newHead}`] })]
    expect(await look.moved(old, [])).toEqual({
      models: [{ name: 'acme/model-0', committedAt: start, movedAfter: start - 5 }],
      failure: null,
      isOneUnnamed: false,
    })
    expect(await look.moved(current, [])).toEqual({ models: [], failure: null, isOneUnnamed: false })
    expect(asked).toEqual(['acme/model-0'])
  })
})
