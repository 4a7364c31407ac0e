import { describe, expect, test } from '@jest/globals'
import { type EndCause, endCauses } from '../../../src/domain/training.ts'
import { type ComesBack, comesBackKinds } from '../../../src/domain/verdict.ts'
import { jobSummary } from '../../../src/report/summary/summary.ts'
import { contextWith, endWith, outcomeWith, pastRun } from '../outcomes.ts'
import { verdictOutcomes } from '../verdicts.ts'

const plainText = (markdown: string) => markdown.replaceAll(/[\u2060\\]/g, '')
const summaryOf = (name: string) => plainText(jobSummary([verdictOutcomes[name]!], contextWith()))

describe('The summary of a skip that is due to an earlier failure', () => {
  test('It is a warning that names the failed training, the cost so far, what comes back and the way back.', () => {
    const text = summaryOf('skipped-warning')
    expect(text).toMatch(/^## ⚠️ Not trained: see the earlier training\n/)
    expect(text).toContain(
      'Not retrying: training on 1111111 failed (https://huggingface.co/jobs/acme/job1).',
    )
    expect(text).toContain(
      '**Cost so far:** $0.20 for 2 runs since the last success (and 1 run of unknown cost).',
    )
    expect(text).toContain('**By itself:** the next commit that changes relevant files is trained.')
    expect(text).toContain('Fixed it? Run workflow.')
    expect(text).toContain('### Recent runs')
  })

  const words: Record<ComesBack, string> = {
    data: 'the next commit that changes relevant files is trained. This data is not.',
    'data-or-recipe': 'So is this data after a change of the recipe',
    'next-check': 'the next check tries again',
    tomorrow: 'the first check after midnight (UTC) trains this revision',
    'more-data': 'once `min-changed-files` relevant files changed',
    asked: 'every check asks the provider again',
    nothing: 'nothing is trained until the settings change',
  }
  test.each(comesBackKinds)('What comes back by itself is what the check decided (%s).', (comesBack) => {
    const outcome = outcomeWith({ verdict: 'skipped', isWarning: true, comesBack, run: null })
    expect(jobSummary([outcome], contextWith())).toContain(words[comesBack])
  })

  test('It stays in the details of a summary of many recipes.', () => {
    const calm = { ...verdictOutcomes.skipped!, reason: 'Calm.' }
    const text = jobSummary(
      [...Array.from({ length: 30 }, () => calm), verdictOutcomes['skipped-warning']!],
      contextWith(),
    )
    expect(text.match(/^## /gm)).toEqual(['## '])
    expect(text).toContain('## ⚠️ Not trained')
  })

  test('Without a known cost it says so.', () => {
    const outcome = outcomeWith({
      verdict: 'skipped',
      isWarning: true,
      run: null,
      history: [pastRun(1, { verdict: 'failed', cost: null })],
    })
    expect(jobSummary([outcome], contextWith())).toContain('**Cost so far:** not known for 1 run.')
  })
})

test.each(endCauses)('The summary of a training that ended by %s says what comes back by itself', (cause) => {
  const verdict = cause === 'workflow' || cause === 'person' ? 'cancelled' : 'failed'
  const words: Record<EndCause, string> = {
    training: '**Fixed it?** Run workflow.',
    limit: '**Fixed it?** Run workflow.',
    infrastructure: 'the next check tries again, at most three times and within `max-cost`',
    workflow: 'This data is not.\n\n**What to do:** Run workflow trains this data.',
    person: 'This data is not.\n\n**What to do:** Run workflow trains this data.',
  }
  const text = jobSummary([outcomeWith({ verdict, end: endWith({ verdict, cause }) })], contextWith())
  expect(text).toContain(words[cause])
})

test('The summary after a step that was ended by force says what was stopped, links it and names the way back', () => {
  const text = summaryOf('interrupted')
  expect(text).toMatch(/^## 🛑 Cancelled\n\nThe step was ended \(cancelled, or its time limit was reached\)/)
  expect(text).toContain('It does not come back by itself: Run workflow trains this commit.')
  expect(text).toContain('📈 [Training and log](https://huggingface.co/jobs/acme/job0)')
  expect(text).not.toContain('Timeline')
  expect(text).not.toContain('may be private')
})

describe('The summary of a run that trained nothing', () => {
  test('After a refusal it says that nothing is charged, and what goes on after the fix.', () => {
    const text = summaryOf('refused')
    expect(text).toContain('**Cost:** nothing. No training was started.')
    expect(text).toContain('**By itself:** nothing is trained until this is fixed.')
    expect(text).toContain('**What to do:** fix what is named above, then Run workflow')
  })

  test('After a dry run it says what the training would cost and how to start it.', () => {
    const text = summaryOf('planned')
    expect(text).toContain('**Cost:** nothing so far; the training costs at most $0.80.')
    expect(text).toContain('**What to do:** run it again without `dry-run`')
  })

  test('After a skip of what is trained already it names the way to train it anyway.', () => {
    const outcome = { ...verdictOutcomes.skipped!, history: [pastRun(1)] }
    expect(jobSummary([outcome], contextWith())).toContain(
      'Run workflow with `force: true` trains this data anyway.',
    )
  })
})

test('The summary of a training that is running says what it can cost and that it goes on by itself', () => {
  const text = summaryOf('started')
  expect(text).toContain('💰 at most $0.80 · 📈 [Training and log]')
  expect(text).toContain('**By itself:** the training goes on without this workflow run.')
})

test('A training that waits for a person shows no cost: nothing is charged until it is launched', () => {
  expect(summaryOf('review')).not.toContain('💰')
})

test('The summary of a failure answers in this order: what happened, why, the cost, what comes by itself, what to do', () => {
  const text = summaryOf('failed')
  const places = [
    '## ❌',
    'The Job ended',
    '**Likely cause:**',
    '💰',
    '**By itself:**',
    '**What to do:**',
    '| Dataset',
  ].map((part) => text.indexOf(part))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places).not.toContain(-1)
})
