import type { Browser, Page } from 'playwright-core'
import { withPalette } from './palette-png.ts'

/** A picture of the top of a job summary, and what it shows. */
interface SummaryPicture {
  readonly png: Buffer
  /** One line for each heading, paragraph and row, without what differs between two runs. */
  readonly shows: readonly string[]
  /** Whether the machine has a font with colours for the signs of the summary. */
  readonly hasEmoji: boolean
}

/** In CSS pixels. The README shows the picture at this width, and a dense screen has two pixels for each. */
const width = 1020

/** The headline and all that follows it, to the fourth row of the first table: a first screen has no place for more. */
const shown = `(() => {
  const begin = document.querySelector('h2')
  const parts = [begin]
  while (parts.at(-1) !== null && parts.at(-1).tagName !== 'TABLE') parts.push(parts.at(-1).nextElementSibling)
  const top = begin.getBoundingClientRect().top + scrollY
  const lines = [...parts.slice(0, -1), ...[...parts.at(-1).querySelectorAll('tr')].slice(0, 4)]
  const bottom = lines.at(-1).getBoundingClientRect().bottom + scrollY
  return { top, bottom, lines: lines.map((line) => line.tagName.toLowerCase() + ' ' + line.textContent.trim()) }
})()`

/** Draws a sign twice the size of the text: without a font for it, the result is grey. */
const colours = `(() => {
  const pen = Object.assign(document.createElement('canvas'), { width: 60, height: 60 }).getContext('2d')
  pen.font = '40px sans-serif'
  pen.fillText('\\u{2705}', 5, 45)
  const { data } = pen.getImageData(0, 0, 60, 60)
  return data.some((_, at) => at % 4 === 0 && Math.abs(data[at] - data[at + 1]) > 60)
})()`

/**
 * Takes a picture of the page that the demo writes.
 *
 * @param options.url of the page
 */
export async function takePicture(
  browser: Browser,
  { url, scheme }: { url: string; scheme: 'light' | 'dark' },
): Promise<SummaryPicture> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    deviceScaleFactor: 2,
  })
  try {
    const page: Page = await context.newPage()
    await page.goto(url)
    await page.addStyleTag({ content: pictureStyle(scheme) })
    const { top, bottom, lines } = await page.evaluate<{ top: number; bottom: number; lines: string[] }>(
      shown,
    )
    const png = await page.screenshot({
      fullPage: true,
      clip: { x: 0, y: top - 12, width, height: bottom - top + 12.5 },
    })
    return {
      png: withPalette(png),
      shows: lines.map(withoutChance),
      hasEmoji: await page.evaluate<boolean>(colours),
    }
  } finally {
    await context.close()
  }
}

/** GitHub's colours of text, links and background; and no note about links, which a picture has not. */
function pictureStyle(scheme: 'light' | 'dark'): string {
  const [text, page, link] =
    scheme === 'light' ? ['#1f2328', '#ffffff', '#0969da'] : ['#f0f6fc', '#0d1117', '#4493f8']
  return `
    body { color: ${text}; background: ${page}; margin: 0; max-width: none; padding: 1rem;
      font-family: "Noto Sans", "DejaVu Sans", "Noto Color Emoji", sans-serif }
    a { color: ${link}; text-decoration: none } h2 { margin: 0 0 1rem; font-size: 1.35em } .note { display: none }`
}

/** Commits, ids, times and numbers differ from run to run. */
function withoutChance(line: string): string {
  return line
    .replaceAll('\u2060', '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\b[0-9a-f]{7,}\b/g, 'ID')
    .replaceAll(/(?<![\w-])\d[\d.,:-]*(?=\W|$)/g, '0')
}
