import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cutWords, pageTitle, showWords } from '../../../src/http/answers/words.ts'

describe("A service's words are shown", () => {
  test('on one line, without control characters and without the full stop at the end.', () => {
    expect(showWords('  Rule violations found\n\n\u001b[31mCannot\u0000 create ref.\u2028 ')).toBe(
      'Rule violations found [31mCannot create ref',
    )
  })

  test('without marks that turn the direction of the text around.', () => {
    expect(showWords('pay \u202eeert\u202c now')).toBe('pay eert now')
  })

  test('whole up to 400 characters, then with a mark that they were cut.', () => {
    expect(showWords('x'.repeat(400))).toBe('x'.repeat(400))
    expect(showWords('x'.repeat(401))).toBe(`${'x'.repeat(399)}…`)
  })

  test('with the address to go to, or without it, but never with half of it.', () => {
    const address = 'https://github.com/settings/personal-access-tokens/0000000000/edit?why=lifetime'
    const long = `${'word '.repeat(76)}go to (${address}) now`
    expect(showWords(`Change it there: ${address}`)).toBe(`Change it there: ${address}`)
    expect(showWords(long)).toBe(`${'word '.repeat(76)}go to…`)
  })

  test('and no name is cut in two, since a part of a private one would not be recognised.', () => {
    const words = `${'word '.repeat(78)}not acme/pets and more words`
    expect(showWords(words)).toBe(`${'word '.repeat(78)}not…`)
    expect(showWords(words.replace('/', '%2F'))).toBe(`${'word '.repeat(78)}not…`)
  })

  test('and no letter is cut in two.', () => {
    expect(cutWords('🎉'.repeat(10), 10)).toBe('🎉🎉🎉🎉…')
    expect(cutWords('e\u0301'.repeat(10), 10)).toBe(`${'e\u0301'.repeat(4)}…`)
  })

  test('whatever they are: short, on one line, well-formed, and never with a part of an address.', () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
      fc.constantFrom('\n', '\r\n::error::', '. ', '##['),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const text = words.join(' ')
        const shown = showWords(text)
        expect(shown.length).toBeLessThanOrEqual(400)
        expect(shown).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
        expect(shown.isWellFormed()).toBe(true)
        const given = text.split(/[\p{Cc}\p{Zl}\p{Zp}\s]+/u)
        for (const [address] of shown.matchAll(/https?:\/\/\S+/g)) {
          expect(given.some((one) => one.includes(address.replace(/…$/, '')))).toBe(true)
          if (address.endsWith('…')) expect(text).toContain(address)
        }
      }),
    )
  })
})

describe('A page of HTML', () => {
  test.each([
    ['<!DOCTYPE html><html><head><title>Just a moment...</title>', 'Just a moment'],
    ['\n<html lang="en"><TITLE class="x">\n 502 Bad\nGateway </TITLE>', '502 Bad Gateway'],
    ['<html><body>no title', ''],
    ['<html><title>cut off', ''],
    ['<!-- proxy --><!DOCTYPE html><title>Sign in</title>', 'Sign in'],
    ['<?xml version="1.0"?>\n<html><title>Portal</title>', 'Portal'],
    ['<center><h1>502 Bad Gateway</h1></center>', ''],
  ])('%j has the title %j.', (body, title) => {
    expect(pageTitle(body)).toBe(title)
  })

  test.each(['', '{"message":"<html>"}', 'Request forbidden', '<Error><Code>AccessDenied</Code></Error>'])(
    '%j is none.',
    (body) => {
      expect(pageTitle(body)).toBeNull()
    },
  )
})
