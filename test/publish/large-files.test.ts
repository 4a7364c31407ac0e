import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { sha256 } from '../sandbox/hub/git/git-objects.ts'
import { publishedOfFirst, run, type Stage, stable, startStage, weights } from './stage.ts'

let stage: Stage

beforeEach(async () => {
  stage = await startStage()
})
afterEach(() => stage.sandbox.close())

describe('Large files that the Hub does not copy go through this machine', () => {
  const log: string[] = []
  beforeEach(() => {
    log.length = 0
  })
  const streamed = () => stage.publish({ log: (line) => log.push(line) })

  test('Those without a hash of Xet, pushed by an old client.', async () => {
    for (const content of [weights(1), weights(2)])
      stage.sandbox.repository(run, 'model').withoutXet.add(sha256(content))
    expect(await streamed()).toMatchObject({ streamedBytes: 600_000, copiedBytes: 0 })
    expect(log).toEqual([expect.stringContaining('2 files came from an old client')])
    expect(stage.sandbox.requests.some(({ path }) => path.endsWith('/lfs-files/duplicate'))).toBe(false)
    expect(await stage.contents()).toMatchObject(publishedOfFirst)
  })

  test('The one that failed in an answer that is a success.', async () => {
    stage.sandbox.repository(run, 'model').uncopyable.add(sha256(weights(2)))
    expect(await streamed()).toMatchObject({ streamedBytes: 300_000, copiedBytes: 300_000 })
    expect(log).toEqual([expect.stringContaining('the Hub did not copy 1 file: ')])
    expect(await stage.contents()).toMatchObject(publishedOfFirst)
  })

  test('All of them where the model is in another region.', async () => {
    stage.sandbox.createModel({ name: stable, private: true, region: 'eu' })
    expect(await streamed()).toMatchObject({ streamedBytes: 600_000, copiedBytes: 0 })
    expect(log).toEqual([expect.stringContaining('same storage region')])
    expect(await stage.contents()).toMatchObject(publishedOfFirst)
  })

  test('None twice: what the model has already is not sent again.', async () => {
    stage.sandbox.createModel({ name: stable, private: true, region: 'eu' })
    const stop = new Error('The job was killed.')
    await expect(stage.publish({ beforeCommit: () => Promise.reject(stop) })).rejects.toBe(stop)
    const before = stage.uploads()
    expect(await streamed()).toMatchObject({ streamedBytes: 0 })
    expect(stage.uploads()).toBe(before)
  })

  test('The token goes to the Hub and not to its storage.', async () => {
    stage.sandbox.createModel({ name: stable, private: true, region: 'eu' })
    await streamed()
    expect(stage.uploads()).toBe(2)
    const told = stage.sandbox.storage.requests.flatMap(({ headers }) => Object.values(headers))
    expect(told.some((value) => value.includes('hf_ann_writes'))).toBe(false)
  })
})
