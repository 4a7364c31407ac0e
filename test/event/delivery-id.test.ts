import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { deliveryId, isDeliveryId } from '../../src/event/delivery-id.ts'

const ascending = (count: number) => Uint8Array.from({ length: count }, (_, index) => index)
const noRandomness = () => {
  throw new Error('No random bytes are needed here.')
}

test.each(['msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', 'a', '9', '_-', 'x'.repeat(128)])(
  'The valid id %s of the Hub is kept.',
  async (id) => {
    expect(await deliveryId(id, noRandomness)).toBe(id)
  },
)

test.each(['x'.repeat(129), 'a b', 'a.b', 'a\nb', '::error::', '$(id)', 'ä', '"', 'a%0Ab'])(
  'The invalid id %j is replaced by its hash.',
  async (header) => {
    const id = await deliveryId(header, noRandomness)
    expect(id).toMatch(/^msg_[0-9a-f]{64}$/)
    expect(await deliveryId(header, noRandomness)).toBe(id)
  },
)

test('Two invalid ids have two hashes.', async () => {
  expect(await deliveryId('a b', noRandomness)).not.toBe(await deliveryId('a c', noRandomness))
})

test.each([null, ''])('Without an id (%j) a new one with 128 random bits is created.', async (header) => {
  expect(await deliveryId(header, ascending)).toBe('msg_000102030405060708090a0b0c0d0e0f')
})

test('A delivery id is valid for any header.', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (header) => {
      expect(isDeliveryId(await deliveryId(header, ascending))).toBe(true)
    }),
  )
})
