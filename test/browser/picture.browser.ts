import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { type DemoProcess, startDemo } from '../demo/demo-process.ts'
import { findBrowser } from './chromium.ts'
import { takePicture } from './summary-picture.ts'

/** What the README shows. `npm run picture` writes the files. */
const pictures = 'docs/pictures/job-summary'
/** Ignored by git. */
const today = 'demo-report/picture'
const isUpdate = process.env.UPDATE_PICTURE === '1'

let browser: Browser | null
let demo: DemoProcess | null = null

beforeAll(async () => {
  browser = await findBrowser()
  if (browser === null) return
  mkdirSync(today, { recursive: true })
  demo = startDemo()
  expect(await demo.ended).toBe(0)
})

afterAll(async () => {
  demo?.remove()
  await browser?.close()
})

test.each(['light', 'dark'] as const)(
  'The picture of a job summary in the README shows what the demo makes today: %s.',
  async (scheme) => {
    if (browser === null) return
    const url = pathToFileURL('demo-report/summary.html').href
    const { png, shows, hasEmoji } = await takePicture(browser, { url, scheme })
    writeFileSync(`${today}/job-summary-${scheme}.png`, png)
    if (isUpdate) {
      // Without it, the picture has boxes in place of signs.
      expect(['Install a font such as fonts-noto-color-emoji.', hasEmoji]).toEqual([expect.anything(), true])
      writeFileSync(`${pictures}-${scheme}.png`, png)
      writeFileSync(`${pictures}.json`, `${JSON.stringify(shows, null, 2)}\n`)
    }
    // When this differs, the picture is old: npm run picture takes it again.
    expect(shows).toEqual(JSON.parse(readFileSync(`${pictures}.json`, 'utf8')))
  },
)
