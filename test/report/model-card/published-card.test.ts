import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { parse } from 'yaml'
import { mayName, type Visibility } from '../../../src/domain/visibility.ts'
import { withLineage } from '../../../src/report/model-card/lineage.ts'
import { type PublishedCardFacts, publishedCard } from '../../../src/report/model-card/published-card.ts'
import { runCardText } from '../../../src/report/model-card/run-card.ts'
import { hostileText } from '../markdown/hostile.ts'
import { liveParts, render } from '../markdown/render.ts'
import { contextWith, noon, outcomeWith, recipeWith, revision } from '../outcomes.ts'
import { publishedBefore } from '../publications.ts'
import { autotrainCard } from './autotrain-card.ts'

const begin = '<!-- auto-retrain: begin -->'
const end = '<!-- auto-retrain: end -->'

function factsWith(overrides: Partial<PublishedCardFacts> = {}): PublishedCardFacts {
  return {
    model: 'acme/numbers',
    visibility: 'public',
    recipe: recipeWith({ publish_to: 'acme/numbers' }),
    revision,
    attempt: 1,
    runModel: 'acme/digits-3f2a9c4',
    runModelVisibility: 'public',
    startedFrom: null,
    datasetVisibility: 'public',
    baseVisibility: 'public',
    repositoryVisibility: 'public',
    workflowUrl: 'https://github.com/acme/digits-training/actions/runs/901',
    hubUrl: 'https://huggingface.co',
    at: noon,
    metrics: { eval_accuracy: 0.9612, eval_loss: 0.2213, published_accuracy: 0.95, eval_runtime: 4.2 },
    tag: 'data-3f2a9c4',
    replaced: publishedBefore,
    discussionUrl: 'https://huggingface.co/datasets/acme/digits/discussions/4',
    ...overrides,
  }
}

const runCard = withLineage(autotrainCard, {
  outcome: outcomeWith(),
  context: contextWith(),
  modelVisibility: 'public',
})
const card = (published = '', overrides: Partial<PublishedCardFacts> = {}, run = runCard) =>
  publishedCard({ published, run }, factsWith(overrides))
const metadataOf = (text: string) => parse(/^---\n([\s\S]*?)\n---\n/.exec(text)?.[1] ?? '')
const bodyOf = (text: string) => text.replace(/^---\n[\s\S]*?\n---\n/, '')

describe('The first card of a published model', () => {
  test('It says where the model comes from, what it replaced and how to load this very version.', () => {
    const text = card()
    expect(text).toContain(
      'auto-retrain fine-tuned [`google/vit-base-patch16-224`](https://huggingface.co/google/vit-base-patch16-224) on ' +
        '[`acme/digits`](https://huggingface.co/datasets/acme/digits) at ' +
        `[\`3f2a9c4\`](https://huggingface.co/datasets/acme/digits/tree/${revision}) as ` +
        '[`acme/digits-3f2a9c4`](https://huggingface.co/acme/digits-3f2a9c4), and published it here on 2026-11-24 12:00 UTC. ' +
        'It replaced the model of `9999999`, which is still there as `revision="data-9999999"`.',
    )
    expect(text).toContain('add `revision="data-3f2a9c4"`')
    expect(text).toContain(
      '[Workflow run](https://github.com/acme/digits-training/actions/runs/901) · [Discussion]',
    )
    expect(text).toContain('| `eval_accuracy` | 0.9612 |')
    expect(text).not.toMatch(/published_accuracy|eval_runtime/)
  })

  test('Its metadata has the dataset, the base model, the result, and what the card of the run says about loading.', () => {
    expect(metadataOf(card())).toEqual({
      tags: ['autotrain', 'transformers', 'image-classification'],
      base_model: 'google/vit-base-patch16-224',
      datasets: ['acme/digits'],
      'model-index': [
        {
          name: 'numbers',
          results: [
            {
              task: { type: 'image-classification' },
              dataset: { type: 'acme/digits', name: 'acme/digits', revision },
              metrics: [
                { type: 'accuracy', value: 0.9612, name: 'eval_accuracy' },
                { type: 'loss', value: 0.2213, name: 'eval_loss' },
              ],
            },
          ],
        },
      ],
    })
  })

  test("It has the text of the run's card, without the metadata and the section of that card.", () => {
    const body = bodyOf(card())
    expect(body).toContain('# Model Trained Using AutoTrain\n\n- Problem type: Image Classification')
    expect(body).not.toMatch(/^---$|Where this model comes from|base_model:/m)
    expect(body.split(begin)).toHaveLength(2)
  })

  test('Without a card of the run, a tag and an earlier model, it says nothing of them.', () => {
    const text = card('', { tag: null, replaced: null, metrics: {}, discussionUrl: null }, '')
    expect(text).not.toMatch(/revision=|replaced|wrote|\| Metric|Discussion/)
    expect(text.endsWith(`${end}\n`)).toBe(true)
  })

  test('A second attempt is named.', () => {
    expect(card('', { attempt: 2 })).toContain('(attempt 2)')
  })
})

describe('A card that is there already', () => {
  const mine =
    '---\nlicense: mit # by hand\nbase_model: [acme/older]\npipeline_tag: mine\n---\n\n# Digits\n\nMine.\n'

  test("A person's text and keys stay, and our section follows.", () => {
    const text = card(
      mine,
      {},
      `---\nlicense: apache-2.0\npipeline_tag: x\nlibrary_name: transformers\n---\nHello`,
    )
    expect(text).toContain('license: mit # by hand')
    expect(metadataOf(text)).toMatchObject({
      base_model: ['acme/older', 'google/vit-base-patch16-224'],
      pipeline_tag: 'mine',
      library_name: 'transformers',
    })
    expect(bodyOf(text).startsWith(`\n# Digits\n\nMine.\n\n${begin}`)).toBe(true)
  })

  const baseOf = (text: string) => metadataOf(text).base_model
  const otherBase = { recipe: recipeWith({ publish_to: 'acme/numbers', input_model: 'acme/next' }) }

  test.each([
    ['of two', ' [a/b, c/d] # by hand', ['a/b', 'c/d', 'google/vit-base-patch16-224']],
    ['of one', ' a/b', ['a/b', 'google/vit-base-patch16-224']],
    ['that has ours', '\n- a/b\n- google/vit-base-patch16-224', ['a/b', 'google/vit-base-patch16-224']],
    ['that is ours', ' google/vit-base-patch16-224', 'google/vit-base-patch16-224'],
  ])("A person's list of base models %s stays, and ours is in it.", (_what, yaml, expected) => {
    const text = card(`---\nbase_model:${yaml}\n---\n`)
    expect(baseOf(text)).toEqual(expected)
    expect(text.includes('# by hand')).toBe(yaml.includes('# by hand'))
  })

  test("Another base model takes the place of ours, and a person's stay.", () => {
    expect(baseOf(card(card(), otherBase))).toBe('acme/next')
    expect(baseOf(card(card('---\nbase_model: a/b\n---\n'), otherBase))).toEqual(['a/b', 'acme/next'])
  })

  test('Writing it twice changes nothing.', () => {
    for (const before of ['', mine, 'Only text.\n', '---\na: [\n---\nBroken\n']) {
      const once = card(before)
      expect(card(once)).toBe(once)
    }
    const odd = { metrics: { '    ': 0.5, '': 1, '1': 2, null: 3, '2026-11-26': 4 } }
    expect(card(card('', odd), odd)).toBe(card('', odd))
  })

  test('The next publication replaces the section and the result, and leaves the text around it.', () => {
    const around = `${card(mine).replace(begin, `Before.\n\n${begin}`)}\nAfter.\n`
    const next = card(
      around,
      { revision: 'b'.repeat(40), tag: 'data-bbbbbbb', metrics: { eval_f1: 0.5 } },
      'New text',
    )
    expect(next).toContain('Mine.\n\nBefore.\n\n<!-- auto-retrain: begin -->')
    expect(next.endsWith(`New text\n\n${end}\n\nAfter.\n`)).toBe(true)
    expect(next).not.toMatch(/Trained Using AutoTrain|data-3f2a9c4|0\.9612/)
    expect(metadataOf(next)['model-index']).toMatchObject([
      {
        name: 'numbers',
        results: [{ dataset: { revision: 'b'.repeat(40) }, metrics: [{ name: 'eval_f1' }] }],
      },
    ])
  })

  test("A person's results for other data and other models stay.", () => {
    const results =
      '- task: {type: x}\n    dataset: {type: a/b, name: B}\n    metrics: [{type: accuracy, value: 1}]'
    const text = card(
      `---\nmodel-index:\n- name: numbers\n  results:\n  ${results}\n- name: other\n  results:\n  ${results}\n---\n`,
    )
    expect(metadataOf(text)['model-index']).toMatchObject([
      { name: 'numbers', results: [{ dataset: { type: 'a/b' } }, { dataset: { type: 'acme/digits' } }] },
      { name: 'other', results: [{ dataset: { type: 'a/b' } }] },
    ])
  })

  test.each([
    ['with a name of its task', 'task: {type: image-classification, name: On our own test set}', ''],
    ['for another split', 'task: {type: image-classification}', ', split: test'],
    ['without a revision', 'task: {type: image-classification}', ''],
  ])("A person's own result for the same data, %s, stays.", (_what, task, more) => {
    const result = `${task}\n    dataset: {type: acme/digits, name: acme/digits${more}}\n    metrics: [{type: accuracy, value: 0.5}]`
    const before = `---\nmodel-index:\n- name: numbers\n  results:\n  - ${result}\n---\n`
    const once = card(before)
    const next = card(once, { metrics: { eval_accuracy: 0.97 } })
    for (const [text, value] of [[once, 0.9612] as const, [next, 0.97] as const]) {
      expect(metadataOf(text)['model-index'][0].results).toMatchObject([
        parse(`- ${result}`.replaceAll('\n  ', '\n'))[0],
        { metrics: [{ value }, ...(value === 0.97 ? [] : [{}])] },
      ])
    }
  })

  test.each([
    ['no YAML', 'a: [\n'],
    ['no map', '- a\n'],
    ['a key twice', 'a: 1\na: 2\n'],
    [
      'more aliases than data',
      `a: &a [1,1,1,1,1]\n${'bcdefghi'.replaceAll(/./g, (key) => `${key}: &${key} [${`*${String.fromCharCode(key.charCodeAt(0) - 1)},`.repeat(9)}1]\n`)}`,
    ],
    ['too long', `a: ${'x'.repeat(60_000)}\n`],
  ])('Metadata that cannot be read safely (%s) stays as it is, and the section is written.', (_why, yaml) => {
    const before = `---\n${yaml}---\nHello\n`
    expect(card(before).startsWith(`${before}\n${begin}`)).toBe(true)
  })

  test.each([
    ['a lone begin', `${begin}\nQuoted.\n`],
    ['a lone end', `${end}\nQuoted.\n`],
    ['an end before a begin', `${end}\nQuoted.\n${begin}\nMore.\n`],
  ])("A person's text with %s of our markers stays, also at the next publication.", (_what, text) => {
    const once = card(text)
    const next = bodyOf(card(once, { tag: 'data-next' }))
    expect(next.trimStart().startsWith(text.trimEnd())).toBe(true)
    expect(card(once)).toBe(once)
  })
})

describe('Text from a training', () => {
  test.each([
    ['our markers', `a\n${end}\nb ${end} c\n${begin}\nd`],
    ['markers within markers', `<!-- auto-re${end}train: end -->\n<!-- auto-retrain: ${begin}end -->`],
    ['an open comment', 'a\n\n<!-- b'],
    ['an open code block', 'a\n\n```python\nb'],
    ['a code block that a list seems to hold', '- a\n\n  ```\n  b\n\n```'],
    ['an open tilde block', '~~~\n```\n~~~~x'],
    ['an open script', '<script>\nb'],
    ['an open detail', '<details><summary>a</summary>\n\nb'],
    ['a detail that ends before it begins', '</details>\n\n<details>'],
    ['a detail that ends in a code block', '<details>\n\n```\n</details>\n```'],
    ['a detail that ends in an attribute', '<details>\n<img alt="\n</details>\n">'],
    ["the end of a person's element", 'a\n\n</section>'],
    ['an open element for bold text', '<b>a'],
    ['a code block that a comment holds', '<!--\n```\n-->\n```\nb'],
    ['a comment that code seems to hold', 'a `<!--` <script>\nb `-->`'],
    ['an image that does not end', '<img alt="a'],
    ['an instruction', '<?php\nb'],
    ['a declaration', '<!DOCTYPE\nb'],
    ['lines of dashes', '---\na: b\n---\n\n---\nc\n---\n\n---'],
    ['Windows line ends', '```\r\na\r\n```\r\n```'],
  ])('%s does not change what stands behind it.', (_what, run) => {
    const before = `First.\n\n${begin}\n\nold\n\n${end}\n\nLast.\n`
    const text = card(before, { datasetVisibility: 'private', metrics: {}, baseVisibility: 'private' }, run)
    expect(bodyOf(text).startsWith('First.\n\n')).toBe(true)
    expect(text.endsWith(`\n\n${end}\n\nLast.\n`)).toBe(true)
    expect(text.split(begin)).toHaveLength(2)
    expect(text.split(end)).toHaveLength(2)
    expect(render(text).trimEnd().endsWith('<p>Last.</p>')).toBe(true)
    expect(card(text, { datasetVisibility: 'private', metrics: {}, baseVisibility: 'private' }, run)).toBe(
      text,
    )
  })

  test('Code blocks with anything in them, comments that end, images and addresses are kept as they are.', () => {
    const run =
      '<!-- by the Trainer -->\n\n```python\nx = "<s><!--"\n```\n\n<https://example.org>\n\n' +
      '[<img src="https://example.org/a.svg" alt="Visualize" width="200"/>](https://example.org)<br>\n2 < 3'
    expect(card('', {}, run)).toContain(run)
  })

  test.each([
    '</details>\n\n<details>',
    '<details>\n\n```\n</details>\n```',
    '<details>\n<img alt="\n</details>\n">',
    '<details>\n\n<!-- </details> -->',
    'a\n\n</section>',
    '<b>a',
    '<center>\n\na',
    '<!--\n```\n-->\n```\nb',
    'a `<!--` <script>\nb `-->`',
    '<!-- a --!> <script> -->',
    '<img alt="a',
    '<img alt="a>',
    '<!-- a',
    'a\n\n<plaintext>',
  ])(
    'HTML that may go on behind the text, or end what is around it, is quoted and no HTML any more: %j',
    (run) => {
      const lines = runCardText(run).split('\n')
      expect(lines.filter((line) => !line.startsWith('>') || /<[a-z/!?]/i.test(line))).toEqual([])
    },
  )

  test('Other HTML is quoted, and shown as it was written.', () => {
    const text = card('', {}, '<details><summary>a</summary>\n\nb\n\n</details>')
    expect(text).toContain('> &lt;details>&lt;summary>a&lt;/summary>\n>\n> b\n>\n> &lt;/details>')
    expect(liveParts(render(bodyOf(text)))).toEqual(liveParts(render(bodyOf(card('', {}, 'b')))))
  })

  test('Names and metrics add no markup, and any text leaves the text around it alone.', () => {
    void fc.assert(
      fc.property(hostileText, (text) => {
        const overrides = {
          runModel: text,
          tag: text,
          discussionUrl: text,
          metrics: { [text]: 0.5 },
          replaced: { ...publishedBefore, tag: text },
        }
        const written = card('Mine.\n', overrides, '')
        expect(liveParts(render(bodyOf(written)))).toEqual([])
        expect(bodyOf(written)).toContain('Mine.\n')
        const run = card(`Mine.\n\n${begin}\n\n${end}\n\nLast.\n`, overrides, text)
        expect(run.endsWith(`${end}\n\nLast.\n`)).toBe(true)
        expect(render(run).trimEnd().endsWith('<p>Last.</p>')).toBe(true)
        expect(card(run, overrides, text)).toBe(run)
      }),
      { numRuns: 200 },
    )
  })

  test('A card of a run that is too long to repeat is left out.', () => {
    expect(card('', {}, 'a\n'.repeat(200_000))).not.toContain('What the training wrote')
  })

  test.each([
    ['ends', end.repeat(80_000)],
    ['begins', begin.repeat(80_000)],
    ['comments', '<!--'.repeat(400_000)],
    ['fences', '```\n'.repeat(400_000)],
  ])('2 MB of %s are read as quickly as any other text.', (_what, text) => {
    expect(card(text, {}, text)).toContain('## What is published here')
  })
})

const all: readonly Visibility[] = ['public', 'private', 'unknown']
const combinations = all.flatMap((model) => all.map((thing) => ({ model, thing })))

test.each(combinations)(
  'The card of a model ($model) names what is $thing only where its readers may know it',
  ({ model, thing }) => {
    const recipe = recipeWith({
      input_dataset: 'acme/secret-data',
      input_model: 'acme/secret-base',
      publish_to: 'acme/numbers',
    })
    const text = card(
      '',
      {
        recipe,
        visibility: model,
        runModel: 'acme/secret-run',
        workflowUrl: 'https://github.com/acme/secret-repo/actions/runs/1',
        discussionUrl: 'https://huggingface.co/datasets/acme/secret-data/discussions/4',
        datasetVisibility: thing,
        baseVisibility: thing,
        runModelVisibility: thing,
        repositoryVisibility: thing,
      },
      '---\ntags: [plain, "dataset:acme/secret-data"]\nlibrary_name: acme/secret-base\n---\n' +
        'A version of [acme/secret-base](https://huggingface.co/acme/secret-base) on acme/secret-data, in acme/secret-run.',
    )
    for (const name of ['secret-data', 'secret-base', 'secret-run', 'secret-repo']) {
      expect(text.includes(name)).toBe(mayName({ place: model, thing }))
    }
    expect(metadataOf(text).tags).toContain('plain')
  },
)

test.each(all)(
  'The earlier run that a warm start began with is named only in a private card, which is %s',
  (visibility) => {
    const run =
      '---\ntags: [plain, "base_model:acme/digits-0000000"]\n---\nA fine-tuned version of ' +
      '[acme/digits-0000000](https://huggingface.co/acme/digits-0000000).'
    const text = card('', { visibility, startedFrom: { model: 'acme/digits-0000000' } }, run)
    expect(text.includes('digits-0000000')).toBe(visibility === 'private')
    expect(metadataOf(text).tags).toContain('plain')
  },
)

test('A published model with the name of its private dataset does not hide its own name', () => {
  const recipe = recipeWith({ input_dataset: 'acme/numbers', publish_to: 'acme/numbers' })
  const text = card('', { recipe, datasetVisibility: 'private' }, 'from_pretrained("acme/numbers")')
  expect(text).toContain('from_pretrained("acme/numbers")')
  expect(text).not.toContain('datasets/acme/numbers')
})
