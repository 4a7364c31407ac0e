import { maxListedFiles } from '../../src/domain/change/change.ts'
import type { Outcome, PastRun, ReportContext } from '../../src/domain/outcome.ts'
import type { TrainingPlan } from '../../src/domain/plan/training-plan.ts'
import type { Recipe } from '../../src/domain/recipe.ts'
import type { MetricPoint, TrainingEnd } from '../../src/domain/training.ts'
import { attemptsSince } from '../../src/ledger/history.ts'
import { resolveRecipes } from '../../src/recipe/resolve.ts'

/** When the runs of these tests took place, in milliseconds since the epoch. */
export const noon = Date.UTC(2026, 10, 24, 12, 0, 0)

const sha = (digit: string) => digit.repeat(40)
export const revision = '3f2a9c41d08b7e65f1a2b3c4d5e6f708192a3b4c'

/** A small recipe with these keys of the config file added or replaced. */
export function recipeWith(keys: Record<string, unknown> = {}): Recipe {
  const text = JSON.stringify({
    input_dataset: 'acme/digits',
    input_model: 'google/vit-base-patch16-224',
    target_namespace: 'acme',
    autotrain_project_prefix: 'digits',
    trainer: 'autotrain',
    compare_metric: 'eval_accuracy',
    ...keys,
  })
  const [recipe] = resolveRecipes({ file: { path: 'auto-retrain.json', text }, inputs: {} })
  return recipe!
}

/** A curve as in the trainer's log: ten losses per epoch, and an evaluation at its end. */
export function curveOf(epochs: number): MetricPoint[] {
  return Array.from({ length: epochs * 10 }, (_, index) => {
    const epoch = (index + 1) / 10
    const wobble = Math.sin(index * 2.7) * 0.05
    const values: Record<string, number> = {
      loss: 2.2 * Math.exp(-epoch * 0.7) + 0.12 + wobble,
      learning_rate: 5e-5 * (1 - epoch / epochs),
    }
    if (Number.isInteger(epoch)) {
      Object.assign(values, {
        eval_loss: 2.1 * Math.exp(-epoch * 0.6) + 0.2,
        eval_accuracy: 0.97 - 0.5 * Math.exp(-epoch * 0.8),
        eval_f1_macro: 0.95 - 0.55 * Math.exp(-epoch * 0.8),
        eval_runtime: 4.2,
      })
    }
    return { epoch, values }
  })
}

export const plan: TrainingPlan = {
  summary: 'AutoTrain fine-tunes google/vit-base-patch16-224 in a Job of Hugging Face',
  steps: ['Start a Job on t4-small', 'Follow it to its end', 'Read the metrics of the model'],
  readsOnlyHead: false,
  hardware: 't4-small',
  timeoutMs: 7_200_000,
  cost: { perMinute: 0.4 / 60, max: 0.8 },
  checks: [],
}

export function endWith(overrides: Partial<TrainingEnd> = {}): TrainingEnd {
  const verdict = overrides.verdict ?? 'succeeded'
  return {
    verdict,
    cause: verdict === 'succeeded' ? null : verdict === 'failed' ? 'training' : 'workflow',
    began: true,
    trainedMs: 512_400,
    endedAt: null,
    reason: 'The training of digits-3f2a9c4 succeeded.',
    metrics: {
      eval_loss: 0.2213,
      eval_accuracy: 0.9612,
      eval_f1_macro: 0.9587,
      eval_runtime: 4.21,
      train_runtime: 512.4,
    },
    curve: curveOf(6),
    logTail: ['INFO | Starting to train...', 'INFO | Finished training, saving model...'],
    cost: 0.13,
    ...overrides,
  }
}

/** The n-th previous run, counted backwards. */
export function pastRun(n: number, overrides: Partial<PastRun> = {}): PastRun {
  return {
    revision: sha(String(n % 10)),
    attempt: 1,
    verdict: 'succeeded',
    metrics: {
      eval_accuracy: 0.955 - n * 0.004,
      eval_f1_macro: 0.951 - n * 0.004,
      eval_loss: 0.24 + n * 0.01,
    },
    model: `acme/digits-${sha(String(n % 10)).slice(0, 7)}`,
    modelVisibility: 'public',
    runUrl: `https://huggingface.co/jobs/acme/job${n}`,
    workflowUrl: `https://github.com/acme/digits-training/actions/runs/${900 - n}`,
    cost: 0.13,
    at: noon - n * 86_400_000,
    ...overrides,
  }
}

const step = (title: string, after: number, durationMs: number, ok = true) => ({
  title,
  startedAt: noon + after,
  durationMs,
  ok,
})

/** A successful run with everything that a report can show. */
export function outcomeWith(overrides: Partial<Outcome> = {}): Outcome {
  const history = [
    pastRun(1),
    pastRun(2, { verdict: 'failed', metrics: {}, model: null }),
    pastRun(3),
    pastRun(4, { attempt: 2 }),
    pastRun(5),
  ]
  return {
    verdict: 'succeeded',
    reason: 'The training of digits-3f2a9c4 on 3f2a9c4 succeeded.',
    isWarning: false,
    comesBack: null,
    recipe: recipeWith(),
    datasetVisibility: 'public',
    baseVisibility: 'public',
    modelVisibility: 'public',
    revision,
    oldRevision: sha('1'),
    change: {
      from: sha('1'),
      counts: {
        added: { files: 2, bytes: 3_412_000 },
        changed: { files: 1, bytes: 120_400 },
        removed: { files: 1, bytes: 812 },
      },
      files: [
        { path: 'data/train-00003.parquet', change: 'added', bytes: 2_000_000 },
        { path: 'data/train-00004.parquet', change: 'added', bytes: 1_412_000 },
        { path: 'data/test-00000.parquet', change: 'changed', bytes: 120_400 },
        { path: 'old/notes.txt', change: 'removed', bytes: 812 },
      ],
      relevant: 4,
      data: {
        before: { files: 9, bytes: 14_100_000, classCount: 0, rows: 60_000 },
        after: { files: 10, bytes: 17_600_000, classCount: 0, rows: 75_000 },
        folders: {
          listed: [
            { folder: 'data', added: 2, changed: 1, removed: 0 },
            { folder: 'old', added: 0, changed: 0, removed: 1 },
          ],
          rest: null,
        },
        classes: [],
        unlisted: null,
      },
    },
    plan,
    project: 'digits-3f2a9c4',
    attempt: 1,
    run: { id: 'job0', url: 'https://huggingface.co/jobs/acme/job0', nextStep: null },
    end: endWith(),
    steps: [
      step('Check the revision on the Hub', 0, 820),
      step('Find out what changed', 900, 1_430),
      step('Claim the revision', 2_400, 1_900),
      step('Start the training', 4_400, 2_100),
      step('Train', 6_600, 531_000),
      step('Write the model card', 538_000, 3_200),
    ],
    discussionUrl: 'https://huggingface.co/datasets/acme/digits/discussions/4',
    discussionNote: null,
    publication: null,
    baseline: history[0]!,
    history,
    sinceSuccess: attemptsSince(overrides.history ?? history),
    ...overrides,
  }
}

/** A public repository whose workflow was started by an event. */
export function contextWith(overrides: Partial<ReportContext> = {}): ReportContext {
  return {
    trigger: 'dispatch',
    delivery: 'wh_2f7e81',
    workflowUrl: 'https://github.com/acme/digits-training/actions/runs/901',
    repositoryVisibility: 'public',
    hubUrl: 'https://huggingface.co',
    ...overrides,
  }
}

/** A change of many files, of which only the first are listed. */
export function largeChange(total: number, nameOf: (n: number) => string): NonNullable<Outcome['change']> {
  const files = Array.from({ length: Math.min(total, maxListedFiles) }, (_, n) => ({
    path: nameOf(n),
    change: 'added' as const,
    bytes: 1000 + n,
  }))
  const none = { files: 0, bytes: 0 }
  return {
    from: null,
    counts: { added: { files: total, bytes: total * 1000 }, changed: none, removed: none },
    files,
    relevant: total,
    data: {
      before: null,
      after: { files: total, bytes: total * 1000, classCount: 0 },
      folders: { listed: [{ folder: nameOf(0), added: total, changed: 0, removed: 0 }], rest: null },
      classes: [],
      unlisted: null,
    },
  }
}

/** The same change since an older revision; `unlisted`: whose files could not be listed. */
export function changeSince(
  older: string,
  change: NonNullable<Outcome['change']>,
  { unlisted = false }: { unlisted?: boolean } = {},
): NonNullable<Outcome['change']> {
  const { data, files } = change
  if (data === undefined) throw new Error('The change does not say what it means for the data.')
  if (!unlisted) return { ...change, from: older }
  const classes = files.map(({ path }, n) => ({ name: path, before: n + 2, after: n }))
  return { ...change, data: { ...data, before: data.after, folders: null, classes, unlisted: older } }
}
