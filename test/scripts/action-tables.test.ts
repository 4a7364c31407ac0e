import { describe, expect, test } from '@jest/globals'
import {
  asExample,
  inputsTable,
  meaningOf,
  outputsTable,
  readAction,
  withPart,
} from '../../scripts/action-tables.ts'

const action = readAction(`
inputs:
  hf-token:
    description: The token.
    required: true
  settle:
    description: >-
      Wait, then
      train. Default: \`0s\`.
  max-age:
    description: The oldest | the best.
    default: 24h
outputs:
  verdict:
    description: How it ended.
`)

test('The table of inputs has one row for each input that is named, with its default and its meaning.', () => {
  expect(inputsTable(action, ['hf-token', 'max-age', 'settle'])).toBe(
    [
      '| Input | Default | Meaning |',
      '| --- | --- | --- |',
      '| `hf-token` | required | The token. |',
      '| `settle` | `0s` | Wait, then train. |',
      '| `max-age` | `24h` | The oldest \\| the best. |',
      '',
    ].join('\n'),
  )
})

test('The table of outputs has one row per output, with its meaning.', () => {
  expect(outputsTable(action)).toBe('| Output | Meaning |\n| --- | --- |\n| `verdict` | How it ended. |\n')
})

describe('meaningOf', () => {
  test.each([
    [
      'A default of action.yml overrides the one in the description.',
      { description: 'A. Default: `x`.', default: 'y' },
      'A.',
      '`y`',
    ],
    [
      'The default in the description is separated from the meaning.',
      { description: 'A. B. Default: none; C.' },
      'A. B.',
      'none; C',
    ],
    [
      'A default can contain full stops.',
      { description: 'A. Default: `README.md`, `.gitattributes`.' },
      'A.',
      '`README.md`, `.gitattributes`',
    ],
    ['A default can be the whole description.', { description: 'Default: `a`.' }, '', '`a`'],
    [
      'An input that is required here or in the config file has no default.',
      { description: '**Required**, here or in the file. A. B.' },
      'A. B.',
      'required, here or in the file',
    ],
    ['A description without a default has none.', { description: 'A.' }, 'A.', ''],
    ['An empty default of action.yml is no default.', { description: 'A.', default: '' }, 'A.', ''],
  ])('%s', (_, input, meaning, fallback) => {
    expect(meaningOf(input)).toEqual({ meaning, fallback })
  })
})

test('Inputs that are not named are left out.', () => {
  expect(inputsTable(action, ['settle']).split('\n')).toHaveLength(4)
})

test('A link of action.yml to a page of docs leads there from the tables, which are in docs.', () => {
  const linked = readAction('inputs:\n  a:\n    description: "See [it](docs/a.md#b)."\noutputs: {}\n')
  expect(inputsTable(linked, ['a'])).toContain('See [it](a.md#b).')
})

test('A workflow is shown without the comment at its top.', () => {
  expect(asExample('# How to copy it.\nname: x # short\nsteps:\n  - uses: ./\n')).toBe(
    '```yaml\nname: x # short\nsteps:\n  - uses: ./\n```',
  )
})

describe('A generated part of a page', () => {
  const page = 'a\n<!-- part -->\nold\n<!-- /part -->\nb\n'
  const write = (text: string) => withPart(text, { name: 'part', content: '| new |\n' })

  test('It stands between its marks, and all else stays.', () => {
    expect(write(page)).toBe('a\n<!-- part -->\n\n| new |\n\n<!-- /part -->\nb\n')
  })

  test('Writing it twice changes nothing.', () => {
    expect(write(write(page))).toBe(write(page))
  })

  test.each(['<!-- part -->', '<!-- /part -->'])(
    'Without the mark %s it is an error that names the marks.',
    (mark) => {
      expect(() => write(page.replace(mark, ''))).toThrow(
        /needs a line <!-- part --> and, after it, a line <!-- \/part -->/,
      )
    },
  )
})
