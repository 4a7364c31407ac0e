import { expect, test } from '@jest/globals'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'

test('A fenced block has its language, its text, and the line on which it begins.', () => {
  expect(codeBlocks('# Title\n\n```yaml\na: 1\nb: 2\n```\n')).toEqual([
    { language: 'yaml', text: 'a: 1\nb: 2\n', firstLine: 4 },
  ])
})

test('Blank lines and indents are kept.', () => {
  expect(codeBlocks('```YAML\n\na:\n\n  b: 1\n```\n')[0]?.text).toBe('\na:\n\n  b: 1\n')
})

test('Blocks in lists and quotes, with longer fences and with tildes are found, free of their indent.', () => {
  const markdown = [
    '1. First',
    '',
    '   ```yaml',
    '   a:',
    '',
    '     b: 1',
    '   ```',
    '> ```yml',
    '> c: 1',
    '> ```',
    '',
    '~~~~yaml title="x"',
    '```',
    '~~~~',
    '',
  ].join('\n')
  expect(codeBlocks(markdown)).toEqual([
    { language: 'yaml', text: 'a:\n\n  b: 1\n', firstLine: 4 },
    { language: 'yml', text: 'c: 1\n', firstLine: 9 },
    { language: 'yaml', text: '```\n', firstLine: 13 },
  ])
})

test('What is not in a fence is no block, and a fence without a language has none.', () => {
  expect(codeBlocks('yaml\n\n    a: 1\n\n`b: 1`\n')).toEqual([])
  expect(codeBlocks('```\na: 1\n```\n')).toEqual([{ language: '', text: 'a: 1\n', firstLine: 2 }])
})
