import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { shortRevision } from '../../../src/domain/revision.ts'
import { type PublishRig, publishing, stable, startPublishRig } from './publish-rig.ts'

let rig: PublishRig

beforeEach(async () => {
  rig = await startPublishRig()
})

afterEach(() => rig.close())

/** Called with the name of each run's model once it is trained. */
function afterTraining(change: (model: string) => void): void {
  const { start } = rig.provider.trainer()
  rig.provider.does({
    start: async (order, context) => {
      const run = await start(order, context)
      change(`ann/${order.project}`)
      return run
    },
  })
}

describe('The card of a public model', () => {
  beforeEach(async () => {
    await rig.train()
    rig.hub.repository(stable, 'model').private = false
  })
  const runOf = (revision: string) => `ann/auto-retrain-${shortRevision(revision)}`

  test('It links the run if that is public too, also where the check began before there was such a run.', async () => {
    afterTraining((model) => {
      rig.hub.repository(model, 'model').private = false
    })
    await rig.train()
    expect(rig.read('README.md')).toContain(`](${rig.hub.url}/${runOf(rig.head())})`)
  })

  test('It does not name the private run that a warm start began with, also where the training wrote that name.', async () => {
    const first = runOf(rig.head())
    afterTraining((model) => {
      const files = {
        'README.md': `# Run\n\nA fine-tuned version of [${first}](https://huggingface.co/${first}).\n`,
      }
      rig.hub.commit(model, { type: 'model', files })
    })
    await rig.train({}, { recipes: [publishing({ startFrom: 'published' })] })
    expect(rig.provider.paid.at(-1)?.startFrom?.model).toBe(first)
    expect(rig.read('README.md')).toContain('A fine-tuned version of')
    expect(rig.read('README.md')).not.toContain(first)
  })
})

describe('The plan says how the files of the last publication came to the model', () => {
  const copied = async () =>
    (await rig.train()).plan?.checks.find(({ id }) => id === 'publish-copy')?.found ?? ''

  test('They went through the runner where an old client had pushed them.', async () => {
    await rig.train({ withoutXet: true })
    rig.trains({})
    expect(await copied()).toContain('went through the runner')
  })

  test('Files of the run that are never published do not count.', async () => {
    const files = { 'checkpoint-5/model.safetensors': 'a'.repeat(500), 'optimizer.pt': 'b'.repeat(500) }
    afterTraining((model) => {
      rig.hub.commit(model, { type: 'model', files, withoutXet: true })
    })
    await rig.train()
    expect(await copied()).toBe('yes, as with the last one')
  })
})
