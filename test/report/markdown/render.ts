import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'

/** Renders as GitHub and the Hub do, but lets raw HTML through, so that a test can see it. */
export function render(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    allowDangerousProtocol: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  })
}

/** @returns the tags of a page in order, without attributes: `p`, `/p`, `!--` */
export function tagsOf(html: string): string[] {
  return Array.from(html.matchAll(/<(!--|\/?[a-z][a-z0-9]*)/gi), ([, tag]) => tag!.toLowerCase())
}

/** @returns the text that a reader of the HTML sees */
export function decode(html: string): string {
  return html
    .replaceAll(/&#(\d+);/g, (_, digits) => String.fromCodePoint(Number(digits)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

/** @returns the visible text, without invisible characters */
export function read(html: string): string {
  return decode(html.replaceAll(/<[^>]*>/g, '')).replaceAll('\u2060', '')
}

/**
 * What GitHub turns into something else in the text of a rendered page, outside of code and links.
 * https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
 */
const liveText = [
  /(?:^|[^\w/])@[a-z0-9]/i,
  /#\d/,
  /\bgh-\d/i,
  /:[\w+-]+:/,
  /(?:https?|ftp):\/\/\w/i,
  /(?:^|[^\w])www\.\w/i,
  /[\w.+-]@[\w-]+\.\w/,
  /(?:^|[\s(])\$[^\s$]/,
]

/** @returns the parts of a page that GitHub would turn into a mention, a reference, an emoji, a link or math */
export function liveParts(html: string): string[] {
  const outside = html.replaceAll(/<(code|a|pre)\b[^>]*>.*?<\/\1>/gs, '\n').replaceAll(/<[^>]*>/g, '\n')
  return liveText.flatMap((pattern) => decode(outside).match(pattern)?.[0] ?? [])
}
