import { mkdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { hubEvent } from '../relay/event.ts'
import { deliver, environment, type LocalRelay, startLocalRelay, startSandbox } from '../relay/local-relay.ts'
import type { SandboxServer } from '../sandbox/server.ts'
import { findBrowser } from './chromium.ts'

/** Ignored by git. */
const screenshots = 'demo-report/relay'
const adminToken = 'open-sesame-open-sesame'
const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1200, height: 800 } }
const looks = (['phone', 'desktop'] as const).flatMap((size) =>
  (['light', 'dark'] as const).flatMap((scheme) =>
    ['/', '/deliveries'].map((path) => ({ size, scheme, path })),
  ),
)

let browser: Browser | null
let github: SandboxServer
let relay: LocalRelay

beforeAll(async () => {
  browser = await findBrowser()
  mkdirSync(screenshots, { recursive: true })
  github = await startSandbox()
  relay = await startLocalRelay(environment(github, { RELAY_ADMIN_TOKEN: adminToken }))
  await deliver(relay.url, { headers: { 'webhook-id': 'msg_2Lh9KRb0pzN4LePd3XiA4v12Axj' } })
  await deliver(relay.url, { body: JSON.stringify(hubEvent({ updatedRefs: [{ ref: 'refs/pr/5' }] })) })
  await deliver(relay.url, {
    body: JSON.stringify(hubEvent({ event: { action: '<b>"x"</b>', scope: 'repo.content' } })),
  })
  await deliver(relay.url, { body: JSON.stringify({ repo: 1 }), headers: { 'webhook-id': 'x'.repeat(128) } })
  await deliver(relay.url, { headers: { 'x-webhook-secret': 'wrong' } })
  github.fault({ path: /dispatches$/, status: 404, body: { message: 'Not Found' } })
  await deliver(relay.url)
})

afterAll(async () => {
  await browser?.close()
  await relay.drain()
  await github.close()
})

/** Opens a page in a browser that has the password. */
async function withPage(
  options: { size: keyof typeof sizes; scheme: 'light' | 'dark'; path: string; javaScript?: boolean },
  look: (page: Page, complaints: string[]) => Promise<void>,
): Promise<void> {
  if (browser === null) return
  const { size, scheme, path, javaScript = true } = options
  const context = await browser.newContext({
    viewport: sizes[size],
    colorScheme: scheme,
    javaScriptEnabled: javaScript,
    httpCredentials: { username: 'any-name', password: adminToken },
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico'))
      complaints.push(message.text())
  })
  try {
    await page.goto(relay.url + path)
    await look(page, complaints)
  } finally {
    await context.close()
  }
}

describe.each(looks)('The page $path on a $size in $scheme colours', ({ size, scheme, path }) => {
  test('The page passes axe, and its policy allows its style sheet.', async () => {
    await withPage({ size, scheme, path }, async (page, complaints) => {
      expect(complaints).toEqual([])
      await page.screenshot({
        path: `${screenshots}/${path === '/' ? 'page' : 'deliveries'}-${size}-${scheme}.png`,
        fullPage: true,
      })
      // Through the debugger: the page's policy blocks scripts.
      await page.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'))
      const violations = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))',
      )
      expect(violations).toEqual([])
    })
  })

  test('The page fits the width of the screen.', async () => {
    await withPage({ size, scheme, path }, async (page) => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(sizes[size].width)
    })
  })
})

test('The list of deliveries opens with the password, works without JavaScript, and links to the run.', async () => {
  await withPage({ size: 'desktop', scheme: 'light', path: '/', javaScript: false }, async (page) => {
    await page.getByRole('link', { name: 'Show the last deliveries' }).click()
    await page.getByRole('heading', { name: 'Last deliveries' }).waitFor()
    expect(await page.locator('.deliveries > li').count()).toBe(5)
    const link = page.getByRole('link', { name: 'Find the run in acme/retrain' }).last()
    expect(await link.getAttribute('href')).toBe(
      'https://github.com/acme/retrain/actions?query=msg_2Lh9KRb0pzN4LePd3XiA4v12Axj',
    )
    expect(await page.locator('.deliveries b').count()).toBe(0)
  })
})
