import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { priceOf } from '../../../src/trainers/jobs/start/job-price.ts'
import { connect } from '../../hub/connect.ts'
import { type SandboxHub, startHub } from '../../sandbox/hub/start.ts'
import { recipe } from '../order.ts'

let sandbox: SandboxHub

beforeAll(async () => {
  sandbox = await startHub()
  sandbox.addUser({ name: 'ann', token: 'hf_ann' })
})
afterAll(() => sandbox.close())

const { signal } = new AbortController()
const price = (hardware: string) =>
  priceOf(connect(sandbox.url, 'hf_ann').hub, recipe({ hardware, maxCost: 1e6 }), signal)

test.each([
  ['t4', 't4-small or t4-medium'],
  ['t4-smal', 't4-small'],
  ['nvidia-t4-small', 't4-small'],
  ['spaces-t4-small', 't4-small'],
  ['a10g', 'a10g-small or a10g-large'],
])('Hardware that the Hub does not have is refused with the nearest name: %s', async (given, near) => {
  await expect(price(given)).rejects.toThrow(
    `hardware: Hugging Face Jobs has no ${given}: did you mean ${near}`,
  )
})

test.each(['gpu', 'tpu-v9', 'abacus'])('What resembles none is refused with the list: %s', async (given) => {
  await expect(price(given)).rejects.toThrow(
    `hardware: Hugging Face Jobs has no ${given}. Available, by the hour: `,
  )
})

test.each(['t4', 'gpu'])('Every price is in the list, also beside a nearest name: %s', async (given) => {
  await expect(price(given)).rejects.toThrow(/Available, by the hour: .*t4-small \(\$/)
})
