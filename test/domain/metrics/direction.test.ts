import { expect, test } from '@jest/globals'
import { directionOf } from '../../../src/domain/metrics/direction.ts'

test.each([
  ['loss', 'min'],
  ['eval_loss', 'min'],
  ['trainLoss', 'min'],
  ['MSELoss', 'min'],
  ['mean_squared_error', 'min'],
  ['eval_wer', 'min'],
  ['perplexity', 'min'],
  ['accuracy_loss', 'min'],
  ['reward_loss', 'min'],
  ['total_loss', 'min'],
  ['brier_score', 'min'],
  ['false_positive_rate', 'min'],
  ['eval_false_negatives', 'min'],
  ['negative_log_likelihood', 'min'],
  ['neg_log_likelihood', 'min'],
  ['eval_nll', 'min'],
  ['regret', 'min'],
  ['eval_accuracy', 'max'],
  ['f1_macro', 'max'],
  ['F1', 'max'],
  ['eval_score', 'max'],
  ['rougeLsum', 'max'],
  ['rouge-L', 'max'],
  ['rewards/accuracies', 'max'],
  ['map_50', 'max'],
  ['metrics/mAP50-95(B)', 'max'],
  ['mIoU', 'max'],
  ['r2', 'max'],
  ['eval_cosine_ndcg@10', 'max'],
  ['log_likelihood', 'max'],
  ['elbo', 'max'],
  ['true_positive_rate', 'max'],
] as const)('The name of the metric %s says %s', (name, direction) => {
  expect(directionOf(name)).toBe(direction)
})

test.each([
  'neg_mean_squared_error',
  'eval_neg_mean_squared_error',
  'test_neg_log_loss',
  'val/neg_root_mean_squared_error',
  'eval_negMeanSquaredError',
  'eval_NegLogLoss',
  'cv_neg_brier_score',
  'neg_max_error',
])('The loss %s, which is negated, is better when higher', (name) => {
  expect(directionOf(name)).toBe('max')
})

test.each([
  'eval_answer',
  'classification',
  'my_metric',
  'emissions',
  'apples',
  'loss_improvement',
  'error_reduction',
  'accuracy_drop',
  'accuracy_gain',
  'loss_delta',
  'accuracy_diff',
  'inverse_perplexity',
  'one_minus_accuracy',
  '1-accuracy',
  'eval_1 - accuracy',
  '-loss',
  'negative_accuracy',
  'neg_accuracy',
  'accuracy_neg',
  'loss_neg',
  'neg_neg_loss',
  'rewards/rejected',
  'accuracy_error',
  'cosine_accuracy_threshold',
  'acc_stderr',
  'loss_scale',
  'non_toxicity',
  'précision',
])('The name of the metric %s does not say which way is better', (name) => {
  expect(directionOf(name)).toBeNull()
})
