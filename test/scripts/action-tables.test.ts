import { describe, expect, test } from '@jest/globals'
import { inputsTable, meaningOf, outputsTable, readAction, withTables } from '../../scripts/action-tables.ts'

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

test('The table of inputs has one row per input, with its default and its meaning.', () => {
  expect(inputsTable(action)).toBe(
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

describe('In the README', () => {
  const workflow = '# How to copy it.\nname: x # short\nsteps:\n  - uses: ./\n'
  const example = '```yaml\nname: x # short\nsteps:\n  - uses: ./\n```'
  const readme =
    '<!-- example --><!-- /example -->\na\n<!-- inputs -->\nold\n<!-- /inputs -->\nb\n<!-- outputs --><!-- /outputs -->\nc\n'

  test('The tables and the example, without its top comment, stand between their marks, and all else stays.', () => {
    expect(withTables(readme, action, workflow)).toBe(
      `<!-- example -->\n\n${example}\n<!-- /example -->\na\n<!-- inputs -->\n\n${inputsTable(action)}\n<!-- /inputs -->\nb\n<!-- outputs -->\n\n${outputsTable(action)}\n<!-- /outputs -->\nc\n`,
    )
  })

  test('Writing them twice changes nothing.', () => {
    const once = withTables(readme, action, workflow)
    expect(withTables(once, action, workflow)).toBe(once)
  })

  test.each([
    '<!-- example -->',
    '<!-- inputs -->',
    '<!-- /inputs -->',
    '<!-- outputs -->',
    '<!-- /outputs -->',
  ])('Without the mark %s it is an error that names the marks.', (mark) => {
    expect(() => withTables(readme.replace(mark, ''), action, workflow)).toThrow(
      /^README\.md needs a line <!-- (example|inputs|outputs) -->/,
    )
  })
})
