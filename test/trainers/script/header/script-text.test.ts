import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  maxScriptBytes,
  readFetchedScript,
  readScriptText,
} from '../../../../src/trainers/script/header/script-text.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([
  ['a script', 'import os\nprint(os.name)\n'],
  ['a script with umlauts', '# Größe\nprint("ä")\n'],
  ['one line that imports', 'import train'],
  ['one line that calls', 'print(1)'],
  ['a docstring', '"""<!DOCTYPE html>"""'],
  ['a list at its start', '[print(i) for i in range(3)]\n'],
  ['the most bytes', `#${'x'.repeat(maxScriptBytes - 1)}`],
])('A URL may answer with %s.', (_, text) => {
  expect(readFetchedScript(bytes(text))).toEqual({ isText: true, text })
})

test('The line ends of Windows become line feeds.', () => {
  expect(readScriptText(bytes('a = 1\r\nb = 2\r\n'))).toEqual({ isText: true, text: 'a = 1\nb = 2\n' })
})

describe('A script is refused', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['that is empty', bytes(' \n'), /it is empty/],
    ['that is too large', new Uint8Array(maxScriptBytes + 1).fill(35), /more than the 1\.0 MB/],
    ['with a byte-order mark', bytes('\ufeffprint(1)\n'), /byte-order mark.*save it without/],
    ['in Latin-1', Uint8Array.of(35, 228, 10), /not UTF-8 text \(byte 2, line 1\): save it as UTF-8/],
    ['in UTF-16', Uint8Array.of(0xff, 0xfe, 35, 0), /UTF-16 text/],
    ['with a null character', bytes('a = 1 # long enough\nprint("\0")'), /null character/],
    ['that is a notebook', bytes('{"cells": []}'), /is JSON.*notebook must be exported/],
    [
      'that is a pointer',
      bytes('version https://git-lfs.github.com/spec/v1\noid x\n'),
      /pointer of Git LFS.*lfs: true/,
    ],
  ])('%s.', (_, content, problem) => {
    expect(readScriptText(content)).toEqual({ isText: false, problem: expect.stringMatching(problem) })
    expect(readFetchedScript(content).isText).toBe(false)
  })
})

describe('An answer of a URL is refused', () => {
  test.each([
    ['that is a page', '<!DOCTYPE html>\n<html><body>Not found</body></html>'],
    ['that is a page after empty lines', '\n\n  <html lang="en">'],
    ['that is XML', '<?xml version="1.0"?><Error/>'],
    ['that is the JSON of an error', '{"error":"Entry not found"}'],
    ['that is a list of JSON', '[]'],
    ['that is a status in words', '404: Not Found'],
    ['that is a sentence', 'Entry not found'],
  ])('%s.', (_, text) => {
    expect(readFetchedScript(bytes(text)).isText).toBe(false)
  })
})

test('No answer makes the reader throw.', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (content) => void readFetchedScript(content)))
})
