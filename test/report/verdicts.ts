import type { Outcome } from '../../src/domain/outcome.ts'
import { endWith, outcomeWith, pastRun, recipeWith } from './outcomes.ts'

const nothingRan = {
  run: null,
  end: null,
  discussionUrl: null,
  plan: null,
  project: null,
  attempt: null,
  history: [],
  baseline: null,
} as const

/** One outcome for each kind of report, by the name of its golden files. */
export const verdictOutcomes: Readonly<Record<string, Outcome>> = {
  succeeded: outcomeWith(),
  'succeeded-first': outcomeWith({ history: [], baseline: null, end: endWith({ curve: [] }) }),
  'succeeded-worse': outcomeWith({
    recipe: recipeWith({ min_improvement: 0.005 }),
    end: endWith({ metrics: { eval_accuracy: 0.9511, eval_f1_macro: 0.9466, eval_loss: 0.2611 } }),
  }),
  started: outcomeWith({
    verdict: 'started',
    reason: 'The training of digits-3f2a9c4 on 3f2a9c4 is running.',
    end: null,
  }),
  review: outcomeWith({
    verdict: 'started',
    reason: 'The retraining on 3f2a9c4 is prepared: review the cost and launch the training in AutoTrain.',
    recipe: recipeWith({ trainer: 'autotrain-classic' }),
    plan: null,
    end: null,
    run: {
      id: '42',
      url: 'https://ui.autotrain.huggingface.co/42/trainings',
      nextStep: 'review the cost and launch the training in AutoTrain',
    },
  }),
  failed: outcomeWith({
    verdict: 'failed',
    reason: 'The Job ended with ERROR: Job failed with exit code 1.',
    end: endWith({
      verdict: 'failed',
      metrics: {},
      cost: 0.02,
      curve: [],
      logTail: [
        'INFO     | 2026-11-24 12:01:07 | autotrain.trainers.common:on_train_begin:231 - Starting to train...',
        '  0%|          | 0/390 [00:00<?, ?it/s]',
        'ERROR    | 2026-11-24 12:01:21 | autotrain.trainers.common:wrapper:215 - train has failed due to an exception:',
        'Traceback (most recent call last):',
        '  File "/app/env/lib/python3.10/site-packages/torch/nn/modules/linear.py", line 117, in forward',
        'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.13 GiB. GPU 0 has a total capacity of 14.58 GiB',
      ],
    }),
  }),
  cancelled: outcomeWith({
    verdict: 'cancelled',
    reason: 'The workflow was cancelled.',
    end: endWith({ verdict: 'cancelled', metrics: {}, curve: [], logTail: [], cost: 0.01 }),
  }),
  planned: outcomeWith({
    ...nothingRan,
    verdict: 'planned',
    plan: outcomeWith().plan,
    project: 'digits-3f2a9c4',
    reason: 'Dry run: AutoTrain fine-tunes google/vit-base-patch16-224 in a Job of Hugging Face.',
  }),
  refused: outcomeWith({
    ...nothingRan,
    verdict: 'refused',
    change: null,
    reason:
      'max-cost: 2 h on a100-large cost up to $5.00, and max-cost is $1.00: raise it, or choose a smaller timeout or hardware.',
  }),
  skipped: outcomeWith({
    ...nothingRan,
    verdict: 'skipped',
    change: null,
    steps: [],
    reason:
      'Only README.md changed since 1111111, the last revision with a run, and paths-ignore excludes it.',
  }),
  'skipped-warning': outcomeWith({
    verdict: 'skipped',
    isWarning: true,
    comesBack: 'data-or-recipe',
    run: null,
    end: null,
    plan: null,
    project: null,
    attempt: null,
    change: null,
    steps: [],
    reason:
      'Not retrying: training on 1111111 failed (https://huggingface.co/jobs/acme/job1). Fixed it? Run workflow. ' +
      '(Re-run jobs uses the old workflow file.)',
    history: [
      pastRun(1, { verdict: 'failed', metrics: {}, model: null, cost: 0.2 }),
      pastRun(2, { verdict: 'failed', metrics: {}, model: null, cost: null }),
      pastRun(3),
    ],
  }),
  interrupted: outcomeWith({
    ...nothingRan,
    verdict: 'cancelled',
    reason:
      'The step was ended (cancelled, or its time limit was reached), and the training with it. ' +
      'It does not come back by itself: Run workflow trains this commit.',
    project: 'digits-3f2a9c4',
    run: outcomeWith().run,
    change: null,
    steps: [],
  }),
}
