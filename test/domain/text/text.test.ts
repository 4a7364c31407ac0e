import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cleanText, isSameText, lineEnd, readBoolean, unquoted } from '../../../src/domain/text/clean.ts'
import { characterCount, cutText } from '../../../src/domain/text/cut.ts'
import { decodeText } from '../../../src/domain/text/decode.ts'

/** What tools leave around a value. */
const around = fc.array(
  fc.constantFrom(' ', '\t', '\n', '\r\n', '\ufeff', '\u00a0', '\u200b', '\u200d', '\u2060', '\u200e', '\0'),
)
const halfPair = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

test('Whatever invisible characters stand around a value, the value is read without them.', () => {
  fc.assert(
    fc.property(around, around, fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/), (before, after, value) => {
      expect(cleanText(before.join('') + value + after.join(''))).toBe(value)
    }),
  )
})

test('A value of invisible characters only is empty.', () => {
  expect(cleanText('\ufeff\u200b \r\n')).toBe('')
})

test('Line ends of Windows inside a value become line feeds.', () => {
  expect(cleanText('a\r\nb\r\n')).toBe('a\nb')
})

test('Cleaning a long run of spaces takes no longer than reading it.', () => {
  const spaces = ' '.repeat(1_000_000)
  expect(cleanText(`a${spaces}b${spaces}`)).toHaveLength(1_000_002)
})

test.each(['"x"', "'x'", '`x`', '\u201cx\u201d', '\ufeff "x" \n'])(
  'The quotes around %j are dropped.',
  (text) => {
    expect(unquoted(text)).toBe('x')
  },
)

test.each(['"x', '"', '"x\'', 'x"y"'])('Quotes that are no pair around %j stay.', (text) => {
  expect(unquoted(text)).toBe(text)
})

test('Texts whose accents are stored differently are the same, other texts are not.', () => {
  expect(isSameText('données', 'donne\u0301es')).toBe(true)
  expect(isSameText('données', 'donnees')).toBe(false)
})

test('True and false are read in any case, and nothing else is.', () => {
  expect(['True', 'TRUE ', '\ufefftrue', 'False\r\n', 'yes', '', '1'].map(readBoolean)).toEqual([
    true,
    true,
    true,
    false,
    null,
    null,
    null,
  ])
})

test('An emoji counts as one character.', () => {
  expect(characterCount('😀😀a')).toBe(3)
})

test('Every kind of line end separates the lines of a list.', () => {
  expect('a\nb\r\nc\rd\u2028e'.split(lineEnd)).toEqual(['a', 'b', 'c', 'd', 'e'])
})

describe('A cut text', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '😀', 'e\u0301', '👩‍💻', '🏳️‍🌈', '\r\n', '\ud83d', 'ü'),
    maxLength: 60,
  })

  test('It is the beginning of the text, within the limit, without half a pair.', () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 80 }), (given, max) => {
        const cut = cutText(given, max)
        expect(cut.length).toBeLessThanOrEqual(max)
        expect(given.toWellFormed().startsWith(cut)).toBe(true)
        expect(cut).not.toMatch(halfPair)
      }),
    )
  })

  test.each([
    ['a letter and its accent', 'xe\u0301', 2],
    ['the people of one emoji', 'x👩‍💻', 4],
    ['the halves of a pair', 'x😀', 2],
  ])('It does not separate %s.', (_what, given, max) => {
    expect(cutText(given, max)).toBe('x')
  })

  test('A letter with endless accents is cut all the same.', () => {
    expect(cutText(`e${'\u0301'.repeat(10_000)}`, 500)).toHaveLength(500)
  })
})

describe('A file', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values)

  test('UTF-8 is read without its byte-order mark and with line feeds.', () => {
    expect(decodeText(new TextEncoder().encode('\ufeffa: é\r\nb: 1\r\n'))).toEqual({
      isText: true,
      text: 'a: é\nb: 1\n',
    })
  })

  test.each([
    ['UTF-16 text', bytes(0xff, 0xfe, 0x7b, 0)],
    ['UTF-16 text', bytes(0xfe, 0xff, 0, 0x7b)],
    ['UTF-16 text', bytes(0x7b, 0, 0x7d, 0)],
    ['UTF-16 text', bytes(0, 0x7b, 0, 0x7d)],
    ['UTF-32 text', bytes(0xff, 0xfe, 0, 0)],
    ['UTF-32 text', bytes(0x7b, 0, 0, 0)],
    ['not UTF-8 text (byte 2, line 1)', bytes(0x61, 0xe9, 0x62)],
    ['not UTF-8 text (byte 5, line 3)', bytes(0x61, 0x0a, 0x62, 0x0a, 0x80, 0x63)],
    ['not UTF-8 text (byte 3, line 1)', bytes(0xc3, 0xa9, 0xe2, 0x82)],
    ['not UTF-8 text (byte 1, line 1)', bytes(0xff)],
    ['not UTF-8 text (byte 4, line 1)', bytes(0xef, 0xbb, 0xbf, 0xfc)],
  ])('What is %s is named as such.', (found, given) => {
    expect(decodeText(given)).toEqual({ isText: false, found })
  })

  test('Any bytes are decoded or named.', () => {
    fc.assert(fc.property(fc.uint8Array(), (given) => void decodeText(given)))
  })
})
