import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Outcome } from '../../../src/domain/outcome.ts'
import { jobSummary } from '../../../src/report/summary/summary.ts'
import { diagramsIn } from '../charts/mermaid-blocks.ts'
import { parseDiagram } from '../charts/mermaid-parse.ts'
import { compareWithGolden, reportFiles } from '../golden.ts'
import { hostileText } from '../markdown/hostile.ts'
import { liveParts, render, tagsOf } from '../markdown/render.ts'
import {
  changeSince,
  contextWith,
  curveOf,
  endWith,
  largeChange,
  outcomeWith,
  pastRun,
  plan,
  recipeWith,
} from '../outcomes.ts'
import { verdictOutcomes } from '../verdicts.ts'

const summaryOf = (overrides: Partial<Outcome> = {}, context = contextWith()) =>
  jobSummary([outcomeWith(overrides)], context)

test.each(Object.entries(verdictOutcomes))(
  'Mermaid can parse every diagram of the summary of %s',
  async (_name, outcome) => {
    for (const diagram of diagramsIn(jobSummary([outcome], contextWith()))) {
      expect(await parseDiagram(diagram)).toBe('xychart')
    }
  },
)

test('The summary of a success begins with its metric and the difference, then the cost and the links', () => {
  const parts = summaryOf().replaceAll('\u2060', '').split('\n\n')
  expect(parts.slice(0, 2)).toEqual([
    '## ✅ `eval_accuracy` 0.9612, +0.0102 against `1111111`',
    '📈 **Model trained, and better than the last success**, which had 0.9510. The training of digits\\-3f2a9c4 on 3f2a9c4 succeeded.',
  ])
  expect(parts[2]).toMatch(/^⚖️ The two values come from different validation data/)
  expect(parts[3]).toMatch(
    /^💰 \*\*\\\$0\.13\*\* spent, at most \\\$0\.80 · 🤗 \[Model\]\(https:\/\/huggingface\.co\/acme\/digits-3f2a9c4\) · 📈/,
  )
  expect(parts[4]).toMatch(/^\| Dataset \|/)
})

test('The facts have the parameters: those of the recipe, then the trainer’s own', () => {
  const parameters = [
    { name: 'epochs', value: 5, isGiven: true },
    { name: 'optimizer', value: 'a|b', isGiven: true },
    { name: 'lr', value: 5e-5, isGiven: false },
  ]
  const row = '| **Parameters** | `epochs: 5` `optimizer: "a│b"`, by default `lr: 0.00005` |'
  expect(summaryOf({ plan: { ...plan, parameters } })).toContain(row)
  expect(summaryOf({ plan })).not.toContain('Parameters')
})

test('A training that started from the published run shows that run, and the base model where it all began', () => {
  const startFrom = { model: 'acme/digits-1d55c3a', revision: 'c'.repeat(40) }
  const row = summaryOf({ plan: { ...plan, startFrom } }).match(/^\| \*\*Model\*\* .*$/m)?.[0] ?? ''
  expect(row).toContain(
    ', from [`acme/digits-1d55c3a`](https://huggingface.co/acme/digits-1d55c3a) (originally from [`',
  )
})

test('After the result come the facts, the curves, the metrics and the earlier runs; the timeline is last and folded', () => {
  const headings = [
    '| Dataset |',
    '### Training curves',
    '### Metrics',
    '### Recent runs',
    'Recipe</summary>',
  ]
  const text = summaryOf()
  const places = [...headings, 'Timeline (9 min 1 s)</summary>'].map((heading) => text.indexOf(heading))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places).not.toContain(-1)
  expect(text.trimEnd().endsWith('</details>')).toBe(true)
  expect(text.slice(text.indexOf('Timeline')).match(/<details>/g)).toBeNull()
})

test('The facts of a success name the change and the budget, and its runs mark the best value', () => {
  const text = summaryOf().replaceAll('\u2060', '')
  expect(text).toContain('2 files added (3.4 MB), 1 changed (120 kB), 1 removed (812 bytes) since `1111111`')
  expect(text).toContain('| **Budget** | \\$5.00 per run |')
  expect(text).toContain('🏆 **0.9612**')
})

test('The summary of a success shows what the training did otherwise than the recipe asked', () => {
  const warnings = [
    'params: AutoTrain does not know leaning_rate and trained without it: correct or remove it.',
  ]
  expect(summaryOf({ end: endWith({ warnings }) })).toMatch(
    /⚠️ params: AutoTrain does not know leaning.{0,8}rate/,
  )
  expect(summaryOf()).not.toContain('⚠️')
})

test('A gain below min-improvement is reported as too small, not as no improvement', () => {
  const text = jobSummary([verdictOutcomes['succeeded-worse']!], contextWith())
  expect(text).toMatch(/^## ✅ `eval_accuracy` 0\.9511, \+0\.0001 against `1111111`\n/)
  expect(text).toContain(
    '📉 **Model trained, but not better by enough than the last success**, which had 0.9510: `min-improvement` is 0.0050.',
  )
})

test('A worse model is reported as not better, whatever its difference', () => {
  const recipe = recipeWith({ compare_metric: 'eval_accuracy' })
  const text = summaryOf({ recipe, end: endWith({ metrics: { eval_accuracy: 0.9 } }) })
  expect(text).toContain('📉 **Model trained, but not better than the last success**, which had 0.9510.')
})

test.each([
  ['the recipe compares nothing', recipeWith({ compare_metric: null }), endWith(), '**Model trained.** The'],
  [
    'the metric was not measured',
    recipeWith({ compare_metric: 'eval_wer' }),
    endWith(),
    '`eval_wer` was not found',
  ],
  [
    'the last value of the metric was nan',
    recipeWith({ compare_metric: 'eval_loss' }),
    endWith({ metrics: { eval_f1: 0.3 }, unmeasured: [{ name: 'eval_loss', value: 'nan', epoch: 2 }] }),
    '**Model trained.** ⚠️ `eval_loss` is nan since epoch 2: it counts as not measured, so this run cannot be compared.',
  ],
])('The summary judges no model where %s', (_why, recipe, end, words) => {
  const text = summaryOf({ recipe, end })
  expect(text).toContain(words)
  expect(text).not.toContain('better than the last success')
})

test('A training that measured nothing on validation data says so', () => {
  const recipe = recipeWith({ compare_metric: null })
  const end = endWith({ metrics: { train_loss: 1.25, train_runtime: 9 } })
  const text = summaryOf({ recipe, end, baseline: pastRun(1, { metrics: { train_loss: 1.5 } }) })
  expect(text).toMatch(/^## ✅ `train_loss` 1\.2500, −0\.2500 against `1111111`\n/)
  expect(text).toContain(
    'Nothing was measured on validation data: `train_loss` comes from the training itself.',
  )
  expect(text).not.toContain('different validation data')
})

test('A training without metrics has the plain headline', () => {
  expect(summaryOf({ end: endWith({ metrics: {}, curve: [] }) })).toMatch(/^## ✅ Model trained\n/)
})

test('The summary of a skip is short: what happened, what it cost, what is next, and the dataset with the trigger', () => {
  const text = jobSummary([verdictOutcomes.skipped!], contextWith())
  expect(text.trim().split('\n\n')).toEqual([
    '## ⏭️ Skipped: no training started',
    expect.stringContaining('Only README.md changed'),
    '**Cost:** nothing.',
    '**By itself:** the next commit that changes relevant files is trained.',
    expect.stringMatching(/^Dataset: .* · triggered by a commit/),
  ])
  expect(text).not.toContain('```')
})

test.each([
  ['dispatch', 'msg_1', 'a commit to the dataset, delivery `msg_1`'],
  ['reconcile', 'rec_1', "the relay's own check of the dataset, delivery `rec_1`"],
  ['manual', null, 'a person'],
  ['schedule', null, 'the schedule'],
] as const)('The summary says what started the run: %s', (trigger, delivery, words) => {
  const context = contextWith({ trigger, delivery })
  const shown = (text: string) => text.replaceAll(/[\\\u2060]/g, '')
  expect(shown(summaryOf({}, context))).toContain(`| **Triggered by** | ${words} |`)
  expect(shown(jobSummary([verdictOutcomes.skipped!], context))).toContain(`triggered by ${words}`)
})

test('The summary of a failure names the likely cause and the fix, and folds the last lines of the log', () => {
  const text = jobSummary([verdictOutcomes.failed!], contextWith())
  expect(text).toContain('**Likely cause:** the GPU is out of memory.')
  expect(text).toContain('**What to do:** Set a smaller `batch_size`')
  expect(text).toMatch(/<summary>Last lines of the log<\/summary>\n\n```text\n/)
})

test('A failed training is marked in the timeline', () => {
  const text = jobSummary([verdictOutcomes.failed!], contextWith())
  expect(text.match(/^\| ❌ Write the model card \|/gm)).toHaveLength(1)
  expect(text).toContain('`acme/digits-3f2a9c4` (not finished)')
})

test('When a person must launch the training, the summary says so right after the reason', () => {
  const [, , notice] = jobSummary([verdictOutcomes.review!], contextWith()).split('\n\n')
  expect(notice).toBe(
    '**Next step:** [review the cost and launch the training in AutoTrain](https://ui.autotrain.huggingface.co/42/trainings). ' +
      'Until then nothing is trained and nothing is charged.',
  )
})

test('The summary of a dry run lists what would happen', () => {
  expect(jobSummary([verdictOutcomes.planned!], contextWith())).toContain('1. Start a Job on t4\\-small')
})

test('No line of a code block has 200 characters, also where the log has longer ones', () => {
  const logTail = [`INFO | ${"'batch_size': 8, ".repeat(60)}`, `${'  0%|    '.repeat(90)}`]
  const outcomes = [
    ...Object.values(verdictOutcomes),
    outcomeWith({ verdict: 'failed', end: endWith({ logTail, verdict: 'failed' }) }),
  ]
  const blocks = outcomes.flatMap((outcome) => [
    ...jobSummary([outcome], contextWith()).matchAll(/^```\w+\n([\s\S]*?)\n```$/gm),
  ])
  expect(blocks.length).toBeGreaterThan(3)
  for (const [, text = ''] of blocks) {
    expect(text.split('\n').filter((line) => line.length >= 200)).toEqual([])
  }
})

test('The recipe table shows durations as the config file writes them', () => {
  const text = summaryOf({ recipe: recipeWith({ settle: '90s', timeout: '150m' }) })
  expect(text).toContain('| `settle` | `90s` |')
  expect(text).toContain('| `timeout` | `150m` |')
})

test('With several recipes the summary starts with an overview, and each headline names its models', () => {
  const text = jobSummary(
    [outcomeWith(), outcomeWith({ verdict: 'skipped', reason: 'Nothing changed.' })],
    contextWith(),
  )
  expect(text).toMatch(/^# 2 recipes\n/)
  expect(text).toContain('## ⏭️ Skipped: no training started · `acme/digits`')
})

test('A public summary does not name a private dataset or its files, not even in quoted messages', () => {
  const secret = 'acme/secret-cats'
  const text = jobSummary(
    [
      outcomeWith({
        verdict: 'failed',
        recipe: recipeWith({ input_dataset: secret }),
        datasetVisibility: 'private',
        reason: `The dataset ${secret} has no data.`,
        discussionNote: `none: the token cannot write discussions on ${secret}`,
        discussionUrl: `https://huggingface.co/datasets/${secret}/discussions/1`,
        plan: { ...plan, summary: `AutoTrain trains on ${secret}` },
        steps: [{ title: `Read ${secret}`, startedAt: 1, durationMs: 1, ok: false }],
        change: changeSince(
          '1'.repeat(40),
          largeChange(3, (n) => `cats/tom-${n}.png`),
        ),
        end: endWith({ verdict: 'failed', logTail: [`loading ${secret}`, 'cats/tom.png'] }),
      }),
    ],
    contextWith({ repositoryVisibility: 'public' }),
  )
  expect(text).not.toMatch(/secret-cats|secret\\-cats|tom/)
  expect(text).toContain('a private dataset')
  expect(text).toContain('3 files added (3.0 kB)')
})

test('A private summary names a private dataset', () => {
  const text = summaryOf({ datasetVisibility: 'private' }, contextWith({ repositoryVisibility: 'private' }))
  expect(text).toContain('[`acme/digits`]')
})

test('Untrusted text adds no markup to a summary', () => {
  const tagsOfSummary = (text: string) => {
    const outcome = hostileOutcome(text)
    return tagsOf(render(jobSummary([outcome], contextWith({ delivery: text || 'x' }))))
  }
  const expected = new Set(tagsOfSummary('x'))
  void fc.assert(
    fc.property(hostileText, (text) => {
      const html = render(jobSummary([hostileOutcome(text)], contextWith({ delivery: text })))
      expect(tagsOf(html).filter((tag) => !expected.has(tag))).toEqual([])
      expect(html.match(/<details>/g)).toHaveLength(html.match(/<\/details>/g)?.length ?? 0)
      expect(liveParts(html)).toEqual([])
      const hosts = Array.from(html.matchAll(/href="([^"]*)"/g), ([, href]) => new URL(href!).host)
      expect(hosts.filter((host) => !['huggingface.co', 'github.com'].includes(host))).toEqual([])
    }),
    { numRuns: 150 },
  )
})

function hostileOutcome(text: string): Outcome {
  const metrics = { [text]: 0.5, eval_accuracy: 0.9 }
  return outcomeWith({
    verdict: 'failed',
    reason: text,
    discussionNote: text,
    plan: { ...plan, summary: text, hardware: text },
    steps: [1, 2].map((n) => ({ title: text, startedAt: n * 1000, durationMs: 1000, ok: n === 1 })),
    change: changeSince(
      '1'.repeat(40),
      largeChange(3, () => text),
      { unlisted: text.length % 2 === 0 },
    ),
    end: endWith({
      verdict: 'failed',
      metrics,
      logTail: [text, text],
      curve: curveOf(3).map(({ epoch, values }) => ({ epoch, values: { ...values, [text]: epoch } })),
    }),
    baseline: pastRun(1, { metrics }),
    history: [pastRun(1, { metrics, model: text, runUrl: `https://huggingface.co/jobs/${text}` })],
  })
}

test('A summary of 5,000 changed files and a 10 MB log stays far below the size limit and closes its folds', () => {
  const line = `${'x'.repeat(90)} 🙂`
  const text = summaryOf({
    verdict: 'failed',
    change: largeChange(5000, (n) => `data/${'🙂'.repeat(200)}/${n}.png`),
    end: endWith({ verdict: 'failed', logTail: Array.from({ length: 100_000 }, () => line) }),
  })
  expect(Buffer.byteLength(text)).toBeLessThan(250_000)
  expect(text).toContain('Changed files (5,000)')
  expect(text).toContain('… and 4,900 files more.')
  expect(text.trimEnd()).toMatch(/<\/details>$/)
  const tags = tagsOf(render(text))
  expect(tags.filter((tag) => tag === 'details')).toHaveLength(
    tags.filter((tag) => tag === '/details').length,
  )
})

test('Parts above the size limit are left out whole, with a note', () => {
  const outcomes = Array.from({ length: 60 }, () =>
    outcomeWith({
      verdict: 'failed',
      change: largeChange(5000, (n) => `${'🙂'.repeat(200)}${n}`),
      end: endWith({ verdict: 'failed', logTail: Array.from({ length: 900 }, () => '🙂'.repeat(200)) }),
    }),
  )
  const text = jobSummary(outcomes, contextWith())
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000_000)
  expect(text).toMatch(/\*Parts of this summary were left out to stay below GitHub's size limit\.\*\n$/)
  const tags = tagsOf(render(text))
  expect(tags.filter((tag) => tag === 'details')).toHaveLength(
    tags.filter((tag) => tag === '/details').length,
  )
})

test('Golden files are written once and then compared', () => {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'))
  try {
    const files = reportFiles('succeeded', { outcome: outcomeWith(), context: contextWith() })
    expect(compareWithGolden(files, { folder, update: true })).toHaveLength(4)
    expect(compareWithGolden(files, { folder, update: false })).toEqual([])
    const changed = reportFiles('succeeded', {
      outcome: outcomeWith({ reason: 'Other.' }),
      context: contextWith(),
    })
    expect(compareWithGolden(changed, { folder, update: false })).toEqual(['succeeded.summary.md'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

describe('A training whose metric is nan at its end', () => {
  const recipe = recipeWith({ compare_metric: 'eval_loss' })
  const lost = { name: 'eval_loss', value: 'nan', epoch: 2 } as const
  const end = endWith({
    metrics: { eval_accuracy: 0.5 },
    unmeasured: [{ name: 'train_loss', value: 'inf', epoch: 3 }, lost],
  })

  test('has no older number in its headline, and says since when it was not measured', () => {
    const text = summaryOf({ recipe, end })
    expect(text).toMatch(/^## ⚠️ `eval_loss` was not measured\n/)
    expect(text).toContain(
      '⚠️ train\\_loss is inf since epoch 3: not measured. The training itself gave no numbers',
    )
    expect(text).not.toContain('better than the last success')
  })

  test('is shown as not measured in the table of runs, and is never the best of them', () => {
    const history = [pastRun(1), pastRun(2)]
    expect(summaryOf({ recipe, end, history })).toMatch(/\*\*trained\*\* [^|]*\| not measured \(nan\) \|/)
  })

  test('is nothing that the next training could be compared with', () => {
    const baseline = pastRun(1, { metrics: {}, unmeasured: [lost] })
    expect(summaryOf({ recipe, end: endWith({ metrics: { eval_loss: 0.3 } }), baseline })).toContain(
      'There is no earlier value to compare it with: in the last success, `eval_loss` is nan since epoch 2.',
    )
  })
})
