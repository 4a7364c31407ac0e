import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { runText, threadText } from '../../src/report/discussion/discussion.ts'
import { withLineage } from '../../src/report/model-card/lineage.ts'
import { jobSummary } from '../../src/report/summary/summary.ts'
import { diagramsIn } from '../report/charts/mermaid-blocks.ts'
import { autotrainCard } from '../report/model-card/autotrain-card.ts'
import { contextWith, outcomeWith } from '../report/outcomes.ts'
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

test.each(pages)(
  'A browser draws every diagram of %s, and nothing is wider than the page',
  async (name, posts) => {
    if (browser === null) return
    const page = await browser.newPage({ viewport: { width: 1100, height: 800 } })
    try {
      await page.setContent(pageOf(posts))
      await page.addScriptTag({ path: mermaidScript })
      await page.evaluate('mermaid.initialize({ startOnLoad: false }); mermaid.run()')
      const drawn = await page.locator('.mermaid svg').count()
      expect(drawn).toBe(posts.flatMap(diagramsIn).length)
      expect(await page.locator('.mermaid svg[aria-roledescription="error"]').count()).toBe(0)
      await page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true })
      await page.evaluate('document.querySelectorAll("details").forEach((part) => { part.open = true })')
      const width = await page.evaluate('document.documentElement.scrollWidth')
      expect(width).toBeLessThanOrEqual(1100)
    } finally {
      await page.close()
    }
  },
)
