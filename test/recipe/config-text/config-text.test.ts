import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readConfigText } from '../../../src/recipe/config-text/config-text.ts'
import { jsonProblem } from '../../../src/recipe/config-text/json-problem.ts'
import { resolveRecipes } from '../../../src/recipe/resolve.ts'
import { refusalOf } from '../refusal.ts'

const json = (text: string) => readConfigText({ path: 'a.json', text })
const yaml = (text: string) => readConfigText({ path: 'a.yml', text })

describe('A JSON file that is none is refused with line, column and what to do:', () => {
  test.each([
    ['{\n  "task": "a",\n}', '2, column 14: a comma before } is not allowed: remove it.'],
    ['{"paths": ["a",]}', '1, column 15: a comma before ] is not allowed: remove it.'],
    ['{\n  // ours\n  "task": "a"\n}', '2, column 3: JSON has no comments: remove it.'],
    ['{"task": "a" /* ours */}', '1, column 14: JSON has no comments: remove it.'],
    ['{"task": "a"} # ours', '1, column 15: JSON has no comments: remove it.'],
    ['{\n  "task": "a"\n  "ref": "b"\n}', '3, column 3: a comma is missing before it.'],
    ['{"task" "a"}', '1, column 9: a colon is missing between a key and its value.'],
    ['{"task":}', '1, column 8: a value is missing after the colon.'],
    ['{\n  "task": "a\n}', '2, column 11: the text that begins here has no closing quote on its line.'],
    ['{"task": image}', '1, column 10: the text image needs double quotes: "image".'],
    ['{task: "a"}', '1, column 2: the key task needs double quotes: "task".'],
    ["{'task': 'a'}", '1, column 2: texts need straight double quotes: "...".'],
    ['{“task”: 1}', '1, column 2: texts need straight double quotes: "...".'],
    ['{"wait": True}', '1, column 10: True is not JSON: write true.'],
    ['{"image": None}', '1, column 11: None is not JSON: write null.'],
    ['{"max_cost": NaN}', '1, column 14: JSON has no NaN.'],
    ['{"max_cost": .5}', '1, column 14: this is no number as JSON writes it: put a text in double quotes.'],
    ['{"command": "C:\\train"}'.replace('\\t', '\\d'), '1, column 16: a backslash is written as two: \\\\.'],
    ['{"command": "a\tb"}', '1, column 15: a tab in a text is written as \\t.'],
    [
      '{\n"task": "a",\n"task": "b"}',
      '3, column 1: the key "task" is there twice (first at line 2): remove one.',
    ],
    [
      '{"a": [{"b": 1, "\\u0062": 2}]}',
      '1, column 17: the key "b" is there twice (first at line 1): remove one.',
    ],
    ['{\n"a": [1', '2, column 8: the file ends here, where a ] for the [ of line 2 is missing.'],
    ['{}\n{}', '2, column 1: something follows the end of the value: remove it.'],
  ])('%j', (text, sentence) => {
    expect(refusalOf(() => json(text))).toBe(`a.json is not valid JSON at line ${sentence}`)
  })

  test('JSON is recognised by its ending in any case.', () => {
    expect(refusalOf(() => readConfigText({ path: 'a.JSON', text: '{a: 1}' }))).toMatch(/is not valid JSON/)
  })
})

test('A problem is found in a text exactly where the parser of JSON refuses it.', () => {
  const part = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '"\\n"',
    '1',
    '-0.5e3',
    '01',
    'true',
    'null',
    ' ',
    '\n',
    '//',
    "'",
    '"',
    '\\',
    '\t',
  )
  const text = fc.oneof(
    fc.json(),
    fc.array(part, { maxLength: 10 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (content) => {
      let isJson = true
      try {
        JSON.parse(content)
      } catch {
        isJson = false
      }
      const problem = jsonProblem(content)
      if (!isJson) expect(problem).not.toBeNull()
      else if (problem !== null) expect(problem.problem).toMatch(/ is there twice /)
    }),
    { numRuns: 3000 },
  )
})

describe('A YAML file that is none is refused with line, column and what to do:', () => {
  test.each([
    ['task: a\ntask: b\n', ' at line 2, column 1: the key "task" is there twice: remove one.'],
    ['params:\n\tepochs: 3\n', ' at line 2, column 1: a tab indents the line: use spaces.'],
    [
      'task: a\n---\ntask: b\n',
      ' at line 2, column 1: a second document begins: put several recipes into one, as a list under recipes.',
    ],
    ['paths:\n  - *.csv\n', ' at line 2, column 5: YAML takes "*.csv" as an alias: put the text in quotes.'],
    ['paths: **/*.md\n', ' at line 1, column 8: YAML takes "**/*.md" as an alias: put the text in quotes.'],
    [
      'paths:\n  - !docs/**\n',
      ' at line 2, column 5: YAML takes "!docs/**" as a tag: put the text in quotes.',
    ],
    ['image: !secret x\n', ' at line 1, column 8: YAML takes "!secret" as a tag: put the text in quotes.'],
    ['paths: !!set {a, b}\n', ' at line 1, column 8: YAML takes "!!set" as a tag: put the text in quotes.'],
    ['ref: @main\n', ' at line 1, column 6: no text may begin with "@" here: put it in quotes.'],
    ['<<: *base\n', ' at line 1, column 5: the alias *base has no anchor &base before it.'],
    ['<<: 5\n', ': what follows the key << must be a map, an alias of a map or a list of such aliases.'],
    ['params: &a {b: *a}\n', ': an anchor contains itself.'],
    [`a: ${'['.repeat(5000)}`, expect.stringMatching(/: its lists and maps are nested too deeply\.$/)],
    [
      `a: &a {x: 1}\nrecipes:\n${'- <<: *a\n'.repeat(1001)}`,
      ': its anchors are used more than 1000 times: write the values out.',
    ],
  ])('%#', (text, sentence) => {
    const message = refusalOf(() => yaml(text))
    expect(message.replace('a.yml is not valid YAML', '')).toEqual(sentence)
  })
})

describe('Merge keys', () => {
  const base = 'input_dataset: acme/pets\n    input_model: gpt2\n    target_namespace: acme'
  const recipes = (text: string) => resolveRecipes({ file: { path: 'a.yml', text }, inputs: {} })

  test('A recipe takes the keys of another, and its own keys win.', () => {
    const text = `recipes:\n  - &base\n    ${base}\n    autotrain_project_prefix: a\n  - <<: *base\n    autotrain_project_prefix: b\n`
    expect(recipes(text)).toMatchObject([
      { inputDataset: 'acme/pets', autotrainProjectPrefix: 'a' },
      { inputDataset: 'acme/pets', autotrainProjectPrefix: 'b' },
    ])
  })

  test('Several maps are merged, and the first one wins.', () => {
    const params = 'params:\n  <<: [{epochs: 1}, {epochs: 2, lr: 0.1}]\n'
    expect(recipes(`${base.replaceAll('    ', '')}\n${params}`)).toMatchObject([
      { params: { epochs: 1, lr: 0.1 } },
    ])
  })

  test('A list of two hundred recipes may share one anchor.', () => {
    const list = Array.from({ length: 200 }, (_, at) => `  - <<: *b\n    autotrain_project_prefix: p${at}\n`)
    const text = `recipes:\n  - &b\n    ${base}\n${list.join('')}`
    expect(recipes(text)).toHaveLength(201)
  })

  test('A merged key that is unknown is refused like any other.', () => {
    expect(refusalOf(() => recipes('<<: {input_datset: x}\n'))).toMatch(
      /the key "input_datset" is unknown: did you mean/,
    )
  })

  test('They work in a map of an input too.', () => {
    const inputs = { 'input-dataset': 'acme/pets', 'input-model': 'gpt2', 'target-namespace': 'acme' }
    expect(
      resolveRecipes({ file: null, inputs: { ...inputs, params: '<<: {epochs: 2}\nlr: 1' } }),
    ).toMatchObject([{ params: { epochs: 2, lr: 1 } }])
  })
})

test('Words of YAML 1.1 are texts, also where the file says that it is YAML 1.1.', () => {
  expect(yaml('%YAML 1.1\n---\nwait: yes\ndiscussion: off\nref: 2020-01-01\n')).toEqual({
    wait: 'yes',
    discussion: 'off',
    ref: '2020-01-01',
  })
})

test.each(['yes', 'on', 'y', 'no', 'off'])('wait: %s is refused with the words that are allowed.', (word) => {
  const text = `input_dataset: acme/pets\ninput_model: gpt2\ntarget_namespace: acme\nwait: ${word}\n`
  expect(refusalOf(() => resolveRecipes({ file: { path: 'a.yml', text }, inputs: {} }))).toBe(
    'a.yml: wait must be true or false.',
  )
})

test.each([json, yaml])('Byte-order marks before the text are ignored.', (read) => {
  expect(read('\ufeff\ufeff{"task": "a"}\r\n')).toEqual({ task: 'a' })
})
