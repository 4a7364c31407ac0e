import { describe, expect, test } from '@jest/globals'
import { mayName, type Visibility } from '../../../src/domain/visibility.ts'
import { discussionText, runText, threadText } from '../../../src/report/discussion/discussion.ts'
import { withLineage } from '../../../src/report/model-card/lineage.ts'
import { jobSummary } from '../../../src/report/summary/summary.ts'
import { contextWith, endWith, outcomeWith, pastRun, plan, recipeWith } from '../outcomes.ts'

const all: readonly Visibility[] = ['public', 'private', 'unknown']
const combinations = all.flatMap((dataset) =>
  all.flatMap((base) =>
    all.flatMap((model) => all.map((repository) => ({ dataset, base, model, repository }))),
  ),
)

/** Names and numbers that stand nowhere else in a report. */
const secrets = {
  dataset: /secret-data/,
  base: /secret-base/,
  model: /secret-org|secret-name|secret-metric|0\\?\.4242|13\.37|jobs\/77/,
  pastModel: /secret-past|secret-gone|0\\?\.5151/,
  repository: /secret-repo/,
  budget: /41\.09/,
}

function outcomeOf({ dataset, base, model }: { dataset: Visibility; base: Visibility; model: Visibility }) {
  const recipe = recipeWith({
    input_dataset: 'acme/secret-data',
    input_model: 'acme/secret-base',
    target_namespace: 'secret-org',
    autotrain_project_prefix: 'secret-name',
    max_cost: 41.09,
    trainer: 'job',
    image: 'python:3.12',
    command: 'train acme/secret-data acme/secret-base',
  })
  const past = pastRun(1, {
    model: 'acme/secret-past',
    metrics: { eval_accuracy: 0.5151 },
    unmeasured: [{ name: 'secret-gone', value: 'nan', epoch: 2 }],
    modelVisibility: model,
    runUrl: 'https://github.com/acme/secret-repo/actions/runs/900',
    workflowUrl: 'https://github.com/acme/secret-repo/actions/runs/900',
  })
  const reason =
    'secret-org/secret-name-3f2a9c4 (from acme/secret-base on acme/secret-data) failed in acme/secret-repo'
  return outcomeWith({
    reason,
    recipe,
    datasetVisibility: dataset,
    baseVisibility: base,
    modelVisibility: model,
    project: 'secret-name-3f2a9c4',
    run: { id: '77', url: 'https://huggingface.co/jobs/77', nextStep: null },
    plan: { ...plan, summary: 'A Job fine-tunes acme/secret-base on acme/secret-data' },
    end: endWith({
      metrics: { eval_accuracy: 0.4242 },
      unmeasured: [{ name: 'secret-metric', value: 'nan', epoch: 2 }],
      cost: 13.37,
      reason,
      logTail: [reason],
    }),
    baseline: past,
    history: [past],
    discussionUrl: 'https://huggingface.co/datasets/acme/secret-data/discussions/4',
  })
}

const contextOf = (repository: Visibility) =>
  contextWith({
    workflowUrl: 'https://github.com/acme/secret-repo/actions/runs/901',
    repositoryVisibility: repository,
  })

describe.each(['succeeded', 'failed', 'cancelled', 'started'] as const)('A training that %s', (verdict) => {
  const given = (visibility: (typeof combinations)[number]) => {
    const outcome = { ...outcomeOf(visibility), verdict, ...(verdict === 'started' && { end: null }) }
    return { outcome, context: contextOf(visibility.repository) }
  }

  test.each(combinations)(
    'Its discussion on a dataset ($dataset) names base ($base), model ($model) and repository ($repository) only where its readers may know them',
    (visibility) => {
      const { outcome, context } = given(visibility)
      const posts = [threadText, runText, discussionText].map((make) => make(outcome, context))
      const text = posts.map((post) => JSON.stringify(post)).join('\n')
      const may = (thing: Visibility) => mayName({ place: visibility.dataset, thing })
      expect(text).not.toMatch(secrets.budget)
      if (!may(visibility.base)) expect(text).not.toMatch(secrets.base)
      if (!may(visibility.repository)) expect(text).not.toMatch(secrets.repository)
      if (!may(visibility.model)) {
        expect(text).not.toMatch(secrets.model)
        expect(text).not.toMatch(secrets.pastModel)
        expect(text).not.toMatch(/at most|\\\$|t4-small/)
      }
      if (may(visibility.base)) expect(text).toMatch(secrets.base)
      if (may(visibility.model)) expect(text).toMatch(secrets.model)
    },
  )

  test.each(combinations)(
    'The job summary of a repository ($repository) names dataset ($dataset) and base ($base) only where its readers may know them',
    (visibility) => {
      const { outcome, context } = given(visibility)
      const text = jobSummary([outcome, outcome], context)
      const may = (thing: Visibility) => mayName({ place: visibility.repository, thing })
      expect(secrets.dataset.test(text)).toBe(may(visibility.dataset))
      expect(secrets.base.test(text)).toBe(may(visibility.base))
    },
  )
})

test.each(combinations)(
  'The card of a model ($model) names dataset ($dataset), base ($base) and repository ($repository) only where its readers may know them',
  (visibility) => {
    const { dataset, base, model, repository } = visibility
    const card = withLineage('', {
      outcome: outcomeOf(visibility),
      context: contextOf(repository),
      modelVisibility: model,
    })
    const may = (thing: Visibility) => mayName({ place: model, thing })
    expect(secrets.dataset.test(card)).toBe(may(dataset))
    expect(secrets.base.test(card)).toBe(may(base))
    expect(secrets.repository.test(card)).toBe(may(repository))
    expect(card).not.toMatch(secrets.budget)
    expect(card).not.toMatch(/13\.37/)
  },
)

test('The row of an earlier run whose model is private has no metric, though this model is public', () => {
  const outcome = outcomeOf({ dataset: 'public', base: 'public', model: 'public' })
  const past = { ...outcome.history[0]!, modelVisibility: 'private' as const }
  const text = threadText({ ...outcome, history: [past], baseline: past }, contextOf('public'))?.text
  expect(text).toMatch(/0\.4242/)
  expect(text).not.toMatch(secrets.pastModel)
})
