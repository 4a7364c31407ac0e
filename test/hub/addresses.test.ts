import { expect, test } from '@jest/globals'
import { sendAtHub } from '../../src/hub/addresses.ts'

const hubUrl = 'https://mirror.test/hf'

/** Where a request ends that is redirected once. */
async function endOf(path: string, location: string): Promise<string> {
  const asked: string[] = []
  await sendAtHub(
    `${hubUrl}${path}`,
    { method: 'GET' },
    {
      hubUrl,
      send: async (url) => {
        asked.push(url)
        return asked.length === 1
          ? new Response(null, { status: 307, headers: { location } })
          : new Response('{}')
      },
    },
  )
  return asked.at(-1) ?? ''
}

test.each([
  ['/api/datasets/acme/new', `${hubUrl}/api/datasets/acme/new`],
  ['/hf/api/datasets/acme/new', `${hubUrl}/api/datasets/acme/new`],
  ['https://huggingface.co/api/datasets/acme/new', `${hubUrl}/api/datasets/acme/new`],
  ['//elsewhere.test/api/datasets/acme/new', `${hubUrl}/api/datasets/acme/new`],
])('A redirect of the API to %s stays at a mirror that has a path of its own', async (location, end) => {
  expect(await endOf('/api/datasets/acme/old', location)).toBe(end)
})

test('A download is followed to wherever its file lies', async () => {
  const file = 'https://files.test/blob?signature=x'
  expect(await endOf('/acme/model/resolve/main/config.json', file)).toBe(file)
})
