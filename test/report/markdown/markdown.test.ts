import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { block, code, details, link, plain, table } from '../../../src/report/markdown/markdown.ts'
import { hostileText } from './hostile.ts'
import { decode, liveParts, read, render, tagsOf } from './render.ts'

const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu
const asOneLine = (text: string) => text.replaceAll(controls, ' ').trim().toWellFormed()
/** Renderers differ in whether they keep runs of blanks, and no reader sees the difference. */
const loosely = (text: string) => text.replaceAll('\u2060', '').replaceAll(/\s+/gu, ' ').trim()

function holds<T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => void, numRuns = 500): void {
  void fc.assert(fc.property(arbitrary, property), { numRuns })
}
const check = (property: (text: string) => void): void => holds(hostileText, property)

test('Untrusted text is shown unchanged and as plain text only', () => {
  check((text) => {
    const html = render(plain(text))
    const expected = asOneLine(text)
    expect(tagsOf(html)).toEqual(expected === '' ? [] : ['p', '/p'])
    expect(loosely(read(html))).toBe(loosely(expected))
    expect(liveParts(html)).toEqual([])
  })
})

test('Untrusted text stays plain text after and between trusted text', () => {
  check((text) => {
    const html = render(`**Reason:** ${plain(text)} (${plain(text)}) and ${plain(text)}`)
    expect(tagsOf(html)).toEqual(['p', 'strong', '/strong', '/p'])
    expect(liveParts(html)).toEqual([])
  })
})

test('An untrusted name is shown as inline code only', () => {
  check((text) => {
    // Nothing is cut here.
    const name = code(text, 10_000)
    const html = render(`${name} and ${name}.`)
    const shown = asOneLine(text).replaceAll('|', '│')
    if (shown === '') return expect(html).toBe('<p>(empty) and (empty).</p>')
    expect(tagsOf(html)).toEqual(['p', 'code', '/code', 'code', '/code', '/p'])
    const [first] = /<code>(.*?)<\/code>/.exec(html)?.slice(1) ?? []
    expect(decode(first ?? '')).toBe(shown)
  })
})

test('An untrusted log cannot leave its block, and no line is lost', () => {
  holds(fc.array(hostileText, { maxLength: 6 }), (lines) => {
    const html = render(`Before\n\n${block(lines)}\n\nAfter`)
    expect(tagsOf(html)).toEqual(['p', '/p', 'pre', 'code', '/code', '/pre', 'p', '/p'])
    const content = /<code class="language-text">(.*)<\/code>/s.exec(html)?.[1] ?? ''
    // Long lines are wrapped.
    expect(content.split('\n').length).toBeGreaterThanOrEqual(lines.length + 1)
  })
})

test('A table keeps its cells with any content', () => {
  holds(fc.array(fc.tuple(hostileText, hostileText), { minLength: 1, maxLength: 4 }), (rows) => {
    const cells = rows.map(([a, b]) => [plain(a), code(b), link(code(a), 'https://hub.example/a')])
    const html = render(table(['A', 'B', 'C'], cells))
    expect(tagsOf(html).filter((tag) => tag === 'td')).toHaveLength(rows.length * 3)
    expect(tagsOf(html).filter((tag) => tag === 'a')).toHaveLength(
      rows.filter(([a]) => code(a) !== '').length,
    )
    expect(
      tagsOf(html).filter((tag) => ['img', 'script', 'strong', 'em', 'del', '!--'].includes(tag)),
    ).toEqual([])
    const found = Array.from(html.matchAll(/<td[^>]*>(.*?)<\/td>/g), ([, cell]) => loosely(read(cell ?? '')))
    expect(found.filter((_, index) => index % 3 === 0)).toEqual(rows.map(([a]) => loosely(asOneLine(a))))
    expect(liveParts(html)).toEqual([])
  })
})

test('No title or content can close a folded section', () => {
  check((text) => {
    const html = render(`${details(text, `${plain(text)}\n\n${block([text])}`)}\n\nAfter`)
    const tags = tagsOf(html)
    const inside = asOneLine(text) === '' ? [] : ['p', '/p']
    expect(tags).toEqual([
      ...['details', 'summary', '/summary'],
      ...inside,
      ...['pre', 'code', '/code', '/pre', '/details', 'p', '/p'],
    ])
    expect(liveParts(html)).toEqual([])
  })
})

test('A link with any path keeps its target host and its label', () => {
  check((text) => {
    const url = `https://hub.example/datasets/${text}?a=${text}#${text}`
    const html = render(`See ${link(code(text), url)} and ${link(plain('the _log_'), url)}.`)
    const hrefs = Array.from(html.matchAll(/href="([^"]*)"/g), ([, href]) => decode(href ?? ''))
    expect(hrefs).toHaveLength(2)
    for (const href of hrefs) {
      expect(new URL(href).origin).toBe('https://hub.example')
      expect(decodeAll(href)).toBe(decodeAll(new URL(url).href))
    }
    expect(tagsOf(html).filter((tag) => tag === 'img')).toEqual([])
  })
})

/** Percent-encoding that is not UTF-8 cannot be decoded, so each sign is by itself. */
const decodeAll = (url: string) =>
  url.replaceAll(/%[0-9a-f]{2}/gi, (sign) => String.fromCharCode(Number.parseInt(sign.slice(1), 16)))

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  '//hub.example',
  'not a url',
  'https://a:b@hub.example/',
])('there is no link to %s, only its label', (url) => {
  expect(link('label', url)).toBe('label')
})

test('Truncated text ends with an ellipsis and contains no half character', () => {
  holds(
    fc.tuple(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 20 })),
    ([text, max]) => {
      const shown = plain(`${text}🙂🙂🙂🙂`, max)
      expect(shown.isWellFormed()).toBe(true)
      expect([...shown.replaceAll(/\\|\u2060/g, '')].length).toBeLessThanOrEqual(max + 1)
    },
  )
  expect(plain('🙂'.repeat(30), 3)).toBe('🙂🙂🙂…')
  expect(code('abcdef', 3)).toBe('`abc…`')
})

test('Of a 10 MB log the last lines are kept, up to the size limit', () => {
  const many = Array.from({ length: 200_000 }, (_, n) => `line ${n} ${'🙂'.repeat(10)}`)
  const shown = block(many)
  expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(60_000)
  expect(shown).toContain('line 199999 ')
  const long = block(['`'.repeat(5_000_000), '🙂'.repeat(2_500_000)])
  expect(Buffer.byteLength(long)).toBeLessThanOrEqual(60_000)
  expect(tagsOf(render(long))).toEqual(['pre', 'code', '/code', '/pre'])
})

test('A long line of a log goes on in the next one, and no word is broken, so that a secret in it stays whole', () => {
  const secret = 's'.repeat(150)
  const words = `INFO ${'word '.repeat(100)}${secret} ${'word '.repeat(100)}end`
  const lines = block([words]).split('\n').slice(1, -1)
  expect(lines.length).toBeGreaterThan(8)
  expect(lines.filter((line) => line.length > 120)).toEqual([`    ${secret}`])
  expect(lines.map((line) => line.trim()).join(' ')).toBe(words)
})

test('Wrapping a log of any text loses none of it but the spaces', () => {
  holds(fc.array(fc.constantFrom('a', ' ', '    ', 'x'.repeat(130), '🙂'), { maxLength: 300 }), (parts) => {
    const text = parts.join('').slice(0, 1900)
    const shown = block([text]).split('\n').slice(1, -1).join('')
    expect(shown.replaceAll(' ', '')).toBe(text.toWellFormed().replaceAll(' ', ''))
  })
})

test('Colours are removed from a log, and its indentation is kept', () => {
  expect(block(['\u001b[31mError\u001b[0m', '\tat line 3'])).toBe('```text\nError\n    at line 3\n```')
})
