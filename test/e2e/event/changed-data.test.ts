import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Stage, startStage } from '../stage/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

/** Images of two classes. */
const images = (each: number) =>
  Object.fromEntries(
    ['cat', 'dog'].flatMap((name) =>
      Array.from({ length: each }, (_, n) => [`train/${name}/${n}.png`, `${name} ${n}`]),
    ),
  )

test('A folder that was emptied by mistake is refused once, then skipped with a warning, and trained when a person starts it.', async () => {
  const subject = stage.case({ files: images(5) })
  expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
  const dogs = Object.keys(images(5)).filter((path) => path.startsWith('train/dog/'))
  stage.hub.commit(subject.dataset, { deletions: dogs })

  const refused = await subject.dispatch()
  expect(refused).toMatchObject({ verdict: 'refused', exitCode: 1, errors: [refused.reason] })
  expect(refused.reason).toMatch(
    /^The data shrank since the training on [0-9a-f]{7}, from 10 files, .*, 2 classes to 5 files, .*, 1 class: the class "dog" is gone, and max-removed \(50%\) allows less\. Restore the data; if it is meant, Run workflow: /,
  )
  expect(refused.summary).toContain('| No data was lost |')
  expect(refused.summary).toContain('| `train/dog/` | – | – | 5 |')

  const skipped = await subject.schedule()
  expect(skipped).toMatchObject({ verdict: 'skipped', exitCode: 0, reason: refused.reason })
  expect(skipped.step.rawOutput).toContain('::warning')
  expect(subject.projects()).toHaveLength(1)

  const byHand = await subject.manual()
  expect(byHand).toMatchObject({ verdict: 'started', exitCode: 0 })
  expect(subject.projects()).toHaveLength(2)
  expect(JSON.stringify(stage.hub.discussions(subject.dataset))).toContain('| `train/dog/` | – | – | 5 |')
})

test('With min-changed-files a dataset is trained only once so many files changed, and each skip has both numbers.', async () => {
  const subject = stage.case({ files: images(5) })
  subject.workflow({ 'min-changed-files': '4' })
  expect(await subject.dispatch()).toMatchObject({ verdict: 'started' })
  subject.commit({ 'train/cat/5.png': 'new', 'train/cat/0.png': 'other' })
  const few = await subject.dispatch()
  expect(few).toMatchObject({ verdict: 'skipped', exitCode: 0 })
  expect(few.reason).toMatch(/^2 of 4 files changed since the training on [0-9a-f]{7} /)
  expect(await subject.schedule()).toMatchObject({ verdict: 'skipped', reason: few.reason })
  stage.hub.commit(subject.dataset, { deletions: ['train/dog/0.png'], files: { 'train/dog/9.png': 'nine' } })
  const enough = await subject.dispatch()
  expect(enough).toMatchObject({ verdict: 'started', exitCode: 0 })
  expect(enough.summary).toMatch(/4 of 4 files since [0-9a-f]{7}/)
  expect(subject.projects()).toHaveLength(2)
})

test('A max-removed that is no percentage is refused, and the sentence shows the right form.', async () => {
  const subject = stage.case()
  const run = await subject.manual({ 'max-removed': '0.5' })
  expect(run).toMatchObject({
    verdict: 'refused',
    reason: 'max-removed must be a percentage from 0% to 100%, such as 50%; 100% switches the check off.',
  })
})
