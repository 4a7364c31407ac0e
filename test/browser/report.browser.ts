import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { runText, threadText } from '../../src/report/discussion/discussion.ts'
import { withLineage } from '../../src/report/model-card/lineage.ts'
import { jobSummary } from '../../src/report/summary/summary.ts'
import { diagramsIn } from '../report/charts/mermaid-blocks.ts'
import { autotrainCard } from '../report/model-card/autotrain-card.ts'
import { contextWith, endWith, outcomeWith, pastRun } from '../report/outcomes.ts'
import { verdictOutcomes } from '../report/verdicts.ts'
import { findBrowser } from './chromium.ts'
import { pageOf } from './report-page.ts'

/** Ignored by git. */
const screenshots = 'demo-report/reports'
const mermaidScript = 'node_modules/mermaid/dist/mermaid.min.js'

let browser: Browser | null
beforeAll(async () => {
  browser = await findBrowser()
  mkdirSync(screenshots, { recursive: true })
})
afterAll(() => browser?.close())

/** The summary and the posts of real runs in the sandbox. */
const golden = readdirSync('test/report/golden').map((name) => {
  const text = readFileSync(`test/report/golden/${name}`, 'utf8')
  return [`golden-${name.replace('.md', '')}`, text.split('<!-- next -->')] as const
})

const context = contextWith()
const discussions = Object.entries(verdictOutcomes).flatMap(([name, outcome]) => {
  const thread = threadText(outcome, context)
  const run = runText(outcome, context)
  return thread === null || run === null ? [] : [[`discussion-${name}`, [thread.text, run.text]] as const]
})
const pages: (readonly [string, readonly string[]])[] = [
  ...golden,
  ...Object.entries(verdictOutcomes).map(
    ([name, outcome]) => [`summary-${name}`, [jobSummary([outcome], context)]] as const,
  ),
  ['summary-several', [jobSummary(Object.values(verdictOutcomes).slice(0, 4), context)]],
  ...discussions,
  [
    'model-card',
    [
      withoutFrontMatter(
        withLineage(autotrainCard, { outcome: outcomeWith(), context, modelVisibility: 'public' }),
      ),
    ],
  ],
]

function withoutFrontMatter(card: string): string {
  return card.replace(/^\s*---\n[\s\S]*?\n---\n/, '')
}

/** In CSS pixels: a window on a desktop, and a common phone. */
const screens = { desktop: { width: 1280, height: 844 }, phone: { width: 390, height: 844 } } as const

/** Draws a report on a phone and hands it to a test; does nothing without a browser. */
async function withReport(posts: readonly string[], look: (page: Page) => Promise<void>): Promise<void> {
  if (browser === null) return
  const page = await browser.newPage({ viewport: screens.phone })
  try {
    await page.setContent(pageOf(posts))
    await page.addScriptTag({ path: mermaidScript })
    await page.evaluate('mermaid.initialize({ startOnLoad: false }); mermaid.run()')
    await look(page)
  } finally {
    await page.close()
  }
}

const foldAll = (folded: boolean) =>
  `document.querySelectorAll("details").forEach((part) => { part.open = ${!folded} })`
/** What sticks out of the page to the right, unless it scrolls in a box of its own, as tables and code do on GitHub. */
const stickingOut = `[...document.querySelectorAll('body *')]
  .filter((each) => !each.parentElement.closest('table, pre:not(.mermaid)'))
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map((each) => each.outerHTML.slice(0, 100))`

test.each(pages)(
  'The browser draws every diagram of %s, and nothing is wider than the page on a desktop or a phone',
  async (name, posts) => {
    await withReport(posts, async (page) => {
      expect(await page.locator('.mermaid svg').count()).toBe(posts.flatMap(diagramsIn).length)
      expect(await page.locator('.mermaid svg[aria-roledescription="error"]').count()).toBe(0)
      for (const [screen, size] of Object.entries(screens)) {
        await page.setViewportSize(size)
        await page.evaluate(foldAll(true))
        await page.screenshot({ path: `${screenshots}/${name}-${screen}.png`, fullPage: true })
        await page.evaluate(foldAll(false))
        expect([screen, await page.evaluate(stickingOut)]).toEqual([screen, []])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(size.width)
      }
    })
  },
)

test.each([
  ['golden-succeeded', /eval_accuracy.*against/],
  ['summary-succeeded', /eval_accuracy.*against/],
  ['golden-failed-autotrain', /Failed/],
])('On a phone the first screen of %s has the answer, what it cost and the links', async (wanted, answer) => {
  const [summary = ''] = pages.find(([name]) => name === wanted)?.[1] ?? []
  await withReport([summary], async (page) => {
    expect(await page.locator('h2').textContent()).toMatch(answer)
    const links = page.getByRole('link', { name: 'Training and log' })
    const { y = Number.POSITIVE_INFINITY } = (await links.boundingBox()) ?? {}
    // GitHub's own header takes about a third of the screen.
    expect(y).toBeLessThan(844 * 0.6)
    const text = ((await page.locator('body').textContent()) ?? '').replaceAll('\u2060', '')
    expect(text).toMatch(/\$[\d.]+ spent/)
  })
})

test('On a phone the metrics fit the page without scrolling, with the longest names that AutoTrain has', async () => {
  const names = ['accuracy', 'f1_micro', 'precision_weighted', 'recall_weighted']
  const metrics = Object.fromEntries(names.map((name, n) => [`eval_${name}`, 0.5 + n / 10]))
  const outcome = outcomeWith({
    end: endWith({ metrics }),
    baseline: pastRun(1, { metrics: { ...metrics, eval_accuracy: 0.4 } }),
  })
  await withReport([jobSummary([outcome], context)], async (page) => {
    const hidden = await page.evaluate(`[...document.querySelectorAll('table')]
      .filter((each) => each.textContent.includes('This run, against'))
      .map((each) => each.scrollWidth - each.clientWidth)`)
    expect(hidden).toEqual([0])
  })
})

test('On a phone the labels of a chart are as tall as small print', async () => {
  await withReport([jobSummary([outcomeWith()], context)], async (page) => {
    const label = page.locator('.mermaid svg text', { hasText: /^epoch$/ }).first()
    expect((await label.boundingBox())?.height).toBeGreaterThan(9)
  })
})
