import { expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { discussionText, runText, threadText } from '../../../src/report/discussion/discussion.ts'
import { hostileText } from '../markdown/hostile.ts'
import { liveParts, render, tagsOf } from '../markdown/render.ts'
import { changeSince, contextWith, endWith, largeChange, outcomeWith, pastRun, plan } from '../outcomes.ts'

const texts = [threadText, runText, discussionText]

test('Untrusted text adds no markup to a post', () => {
  void fc.assert(
    fc.property(hostileText, (text) => {
      const metrics = { [text]: 0.5, eval_accuracy: 0.9 }
      const outcome = outcomeWith({
        verdict: 'failed',
        reason: text,
        plan: { ...plan, summary: text, hardware: text || 'x' },
        change: changeSince(
          '1'.repeat(40),
          largeChange(3, () => text),
          { unlisted: text.length % 2 === 0 },
        ),
        end: endWith({ verdict: 'failed', metrics, logTail: [text] }),
        baseline: pastRun(1, { metrics }),
        history: [pastRun(1, { metrics, model: text, runUrl: `https://huggingface.co/jobs/${text}` })],
        run: { id: text, url: `https://huggingface.co/jobs/${text}`, nextStep: text },
      })
      for (const make of texts) {
        const html = render(make(outcome, contextWith())?.text ?? '')
        const allowed = /^\/?(?:p|h3|table|thead|tbody|tr|th|td|a|code|strong|em|!--)$/
        expect(tagsOf(html).filter((tag) => !allowed.test(tag))).toEqual([])
        expect(tagsOf(html).filter((tag) => tag === '!--')).toHaveLength(1)
        expect(liveParts(html)).toEqual([])
        const hosts = Array.from(html.matchAll(/href="([^"]*)"/g), ([, href]) => new URL(href!).host)
        expect(hosts.filter((host) => !['huggingface.co', 'github.com'].includes(host))).toEqual([])
      }
    }),
    { numRuns: 200 },
  )
})

test("A post does not quote the training's log, which the dataset's readers may not see", () => {
  const outcome = outcomeWith({
    verdict: 'failed',
    end: endWith({ verdict: 'failed', logTail: ['/home/ann'] }),
  })
  for (const make of texts) expect(make(outcome, contextWith())?.text).not.toContain('/home/ann')
})

test("A post stays below the Hub's size limit, with any number of metrics", () => {
  const metrics = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`${'🙂'.repeat(300)}${n}`, n]))
  const outcome = outcomeWith({ end: endWith({ metrics }), baseline: pastRun(1, { metrics }) })
  for (const make of texts) {
    const { text, marker } = make(outcome, contextWith())!
    expect(text.length).toBeLessThanOrEqual(65_536)
    expect(text.startsWith(`${marker}\n\n`)).toBe(true)
  }
})

test.each(['failed', 'cancelled'] as const)(
  'The table of runs shows a run as %s although its end was not recorded',
  (verdict) => {
    const text = threadText(outcomeWith({ verdict, end: null }), contextWith())?.text
    expect(text).toMatch(new RegExp(`\\| \\S+ \\*\\*${verdict}\\*\\* \\[`))
    expect(text).not.toContain('running')
  },
)

test('Each run in the table links its workflow run, unless the repository is private', () => {
  const links = (text = '') => text.match(/\[workflow\]/g)?.length ?? 0
  expect(links(threadText(outcomeWith(), contextWith())?.text)).toBe(6)
  expect(links(threadText(outcomeWith(), contextWith({ repositoryVisibility: 'private' }))?.text)).toBe(0)
})

test('The table of runs has four columns at most, and links the models', () => {
  const text = threadText(outcomeWith(), contextWith())?.text ?? ''
  expect(text).toContain('| Run | `eval_accuracy` | When (UTC) | Links |')
  expect(text.match(/\[model\]\(https:\/\/huggingface\.co\/acme\/digits-/g)).toHaveLength(5)
  const started = outcomeWith({ verdict: 'started', end: null, history: [] })
  expect(threadText(started, contextWith())?.text).toContain('| Run | When (UTC) | Links |')
})

test('A comment begins with the metric and its difference, and so does a discussion for each run', () => {
  const result = '`eval_accuracy` 0.9612, +0.0102 against `1111111`'
  expect(runText(outcomeWith(), contextWith())?.text.split('\n\n')[1]).toBe(`### ✅ ${result}`)
  expect(discussionText(outcomeWith(), contextWith())?.text.split('\n\n')[1]).toBe(`### ✅ ${result}`)
  expect(threadText(outcomeWith(), contextWith())?.text.split('\n\n')[1]).toBe(`**Latest run:** ✅ ${result}`)
})

test('The comment on a failed training says what comes back by itself and what to do', () => {
  const outcome = outcomeWith({ verdict: 'failed', end: endWith({ verdict: 'failed', cause: 'training' }) })
  const text = runText(outcome, contextWith())?.text
  expect(text).toContain('**By itself:** the next commit that changes relevant files is trained.')
  expect(text).toContain('**What to do:** **Fixed it?** Run workflow.')
})

test('A comment does not compare with a run whose metrics its readers may not know', () => {
  const baseline = pastRun(1, { modelVisibility: 'private' })
  const text = runText(outcomeWith({ baseline, history: [baseline] }), contextWith())?.text
  expect(text).toContain('### ✅ `eval_accuracy` 0.9612\n')
  expect(text).not.toMatch(/against|0\.9510|different validation data/)
})

test("A title stays within the Hub's 200 characters with the longest names", () => {
  const long = 'a'.repeat(96)
  const recipe = { ...outcomeWith().recipe!, inputModel: `${long}/${long}`, targetNamespace: long }
  expect(threadText(outcomeWith({ recipe }), contextWith())?.title).toHaveLength(200)
})
