import type { RecipeSettings } from '../../../src/domain/recipe.ts'
import { publishKeyRows } from './publish-key-rows.ts'
import {
  boolean,
  durations,
  globs,
  notNumber,
  notOneLine,
  notText,
  wrongNumbers,
} from './recipe-key-forms.ts'
import { scriptKeyRows } from './script-key-rows.ts'

/** What one key of a recipe accepts and what not: a new key needs one row here. */
export interface KeyRow {
  /** Undefined: required. */
  readonly fallback: unknown
  /** Texts of the input that are accepted, and what they mean. The first two differ from each other and the default. */
  readonly inputs: readonly (readonly [text: string, meaning: unknown])[]
  /** Values of the config file that are accepted, and what they mean. */
  readonly values: readonly (readonly [value: unknown, meaning: unknown])[]
  readonly wrongInputs: readonly string[]
  readonly wrongValues: readonly unknown[]
  /** Inputs that must be given beside, because keys are checked together. */
  readonly beside?: Readonly<Record<string, string>>
}

/** One row for each key of a recipe. */
export const keyRows: Readonly<Record<keyof RecipeSettings, KeyRow>> = {
  inputDataset: {
    fallback: undefined,
    inputs: [
      ['acme/letters', 'acme/letters'],
      ['A.b-c_d/E.f-g_h', 'A.b-c_d/E.f-g_h'],
    ],
    values: [['acme/numbers', 'acme/numbers']],
    wrongInputs: [
      '',
      'digits',
      'acme/',
      '/digits',
      'a/b/c',
      'datasets/acme/digits',
      'https://hub.test/acme/digits',
      ...notOneLine.map((text) => `acme/${text}`),
    ],
    wrongValues: ['', 'digits', ...notText],
  },
  inputModel: {
    fallback: undefined,
    inputs: [
      ['google/vit-base', 'google/vit-base'],
      ['gpt2', 'gpt2'],
    ],
    values: [['acme/model', 'acme/model']],
    wrongInputs: ['', 'a/', '/b', 'a/b/c', 'https://hub.test/a/b', 'x'.repeat(97), ...notOneLine],
    wrongValues: ['', 'a/b/c', ...notText],
  },
  targetNamespace: {
    fallback: undefined,
    inputs: [
      ['me', 'me'],
      ['my-org_2.0', 'my-org_2.0'],
    ],
    values: [['us', 'us']],
    wrongInputs: ['', 'acme/digits', '@acme', 'x'.repeat(97), ...notOneLine],
    wrongValues: ['', 'acme/digits', ...notText],
  },
  autotrainProjectPrefix: {
    fallback: 'auto-retrain',
    inputs: [
      ['digits', 'digits'],
      ['x'.repeat(38), 'x'.repeat(38)],
    ],
    values: [['A1-b2', 'A1-b2']],
    wrongInputs: ['', '-', 'a-', '-a', 'a--b', 'a_b', 'a.b', 'a/b', 'x'.repeat(39), ...notOneLine],
    wrongValues: ['', 'a_b', ...notText],
  },
  ref: {
    fallback: 'refs/heads/main',
    inputs: [
      ['refs/heads/dev', 'refs/heads/dev'],
      ['refs/heads/feature/x.1', 'refs/heads/feature/x.1'],
    ],
    values: [['refs/heads/next', 'refs/heads/next']],
    wrongInputs: [
      '',
      'main',
      'heads/main',
      'refs/heads/',
      'refs/pr/1',
      'refs/tags/v1',
      'refs/convert/parquet',
      ...notOneLine,
    ],
    wrongValues: ['', 'main', 'refs/pr/1', ...notText],
  },
  paths: { fallback: [], ...globs },
  pathsIgnore: { fallback: ['README.md', '.gitattributes'], ...globs },
  minChangedFiles: {
    fallback: 1,
    inputs: [
      ['50', 50],
      ['1000000', 1_000_000],
      ['1', 1],
    ],
    values: [
      [20, 20],
      ['20', 20],
    ],
    wrongInputs: [...wrongNumbers, '0', '1.5', '1000001', 'all'],
    wrongValues: [...notNumber, 0, 1.5, 1_000_001, ['5']],
  },
  maxRemoved: {
    fallback: 50,
    inputs: [
      ['20%', 20],
      ['100%', 100],
      ['0%', 0],
      ['12.5%', 12.5],
    ],
    values: [
      ['30%', 30],
      ['100.00%', 100],
    ],
    wrongInputs: [
      '',
      '50',
      '0.5',
      '101%',
      '100.5%',
      '-1%',
      '%',
      '50 percent',
      '1e1%',
      'off',
      'half',
      ...notOneLine,
    ],
    wrongValues: ['', '50', '101%', ...notText, 50, 0.5, 100],
  },
  settle: {
    fallback: 0,
    inputs: [
      ['5m', 300_000],
      ['90s', 90_000],
      ['0s', 0],
    ],
    values: [
      ['1h', 3_600_000],
      ['0s', 0],
    ],
    ...durations,
  },
  task: {
    fallback: 'image-classification',
    inputs: [
      ['text-classification', 'text-classification'],
      ['text-regression', 'text-regression'],
    ],
    values: [['text-classification', 'text-classification']],
    wrongInputs: ['', '18', 'toString'],
    wrongValues: ['', 'images', 18, ...notText],
    beside: { 'column-mapping': '{"text_column": "text", "target_column": "label"}' },
  },
  trainSplit: {
    fallback: 'train',
    inputs: [
      ['all', 'all'],
      ['default:train', 'default:train'],
    ],
    values: [['big', 'big']],
    wrongInputs: ['', 'x'.repeat(101), 'a/b', ...notOneLine],
    wrongValues: ['', 'a/b', ...notText],
  },
  validSplit: {
    fallback: null,
    inputs: [
      ['test', 'test'],
      ['validation', 'validation'],
    ],
    values: [
      ['dev', 'dev'],
      [null, null],
    ],
    wrongInputs: ['', 'x'.repeat(101), 'a/b', ...notOneLine],
    wrongValues: ['', 'a/b', ...notText],
  },
  columnMapping: {
    fallback: { image_column: 'image', target_column: 'label' },
    inputs: [
      [
        '{"image_column": "photo", "target_column": "class"}',
        { image_column: 'photo', target_column: 'class' },
      ],
      ['image_column: picture\ntarget_column: digit\n', { image_column: 'picture', target_column: 'digit' }],
    ],
    values: [
      [
        { target_column: 'y', image_column: 'x' },
        { image_column: 'x', target_column: 'y' },
      ],
    ],
    // What is right depends on the task: column-mapping.test.ts has what is wrong.
    wrongInputs: [],
    wrongValues: [],
  },
  params: {
    fallback: {},
    inputs: [
      ['{"epochs": 3, "lr": 5e-5}', { epochs: 3, lr: 5e-5 }],
      [
        'epochs: 0\nmixed_precision: fp16\nauto: false\n',
        { epochs: 0, mixed_precision: 'fp16', auto: false },
      ],
      ['{}', {}],
    ],
    values: [
      [
        { epochs: 0, seed: null },
        { epochs: 0, seed: null },
      ],
      [{}, {}],
    ],
    wrongInputs: ['epochs', '5', '[1]', '{"epochs":', 'a: b: c', 'true'],
    wrongValues: [5, 0, 'epochs', [], false],
  },
  trainer: {
    fallback: undefined,
    inputs: [
      ['job', 'job'],
      ['command', 'command'],
    ],
    values: [['autotrain-classic', 'autotrain-classic']],
    wrongInputs: ['', 'Autotrain', 'autotrain ', 'jobs', 'constructor'],
    wrongValues: ['', 'jobs', ...notText],
  },
  retrainOn: {
    fallback: ['data'],
    inputs: [
      ['data\nrecipe', ['data', 'recipe']],
      ['base-model', ['base-model']],
      ['\r\n  recipe \r\n\n\tbase-model\n', ['recipe', 'base-model']],
    ],
    values: [
      [['recipe'], ['recipe']],
      [[], []],
    ],
    wrongInputs: ['model', 'data, recipe', 'Data', 'true'],
    wrongValues: ['recipe', 5, true, false, {}, [''], [5], [null], ['model'], [['recipe']]],
  },
  expectModel: { fallback: true, ...boolean },
  hardware: {
    fallback: 't4-small',
    inputs: [
      ['a10g-large', 'a10g-large'],
      ['h200x8', 'h200x8'],
    ],
    values: [['cpu-basic', 'cpu-basic']],
    wrongInputs: ['', 'spaces/t4', '-t4', 'x'.repeat(51), ...notOneLine.slice(1)],
    wrongValues: ['', 't4/small', ...notText],
  },
  timeout: {
    fallback: 7_200_000,
    inputs: [
      ['30m', 1_800_000],
      ['6h', 21_600_000],
      ['60s', 60_000],
    ],
    values: [['1m', 60_000]],
    wrongInputs: [...durations.wrongInputs, '0s', '59s'],
    wrongValues: [...durations.wrongValues, '0s', '59s'],
  },
  image: {
    fallback: null,
    inputs: [
      ['python:3.12', 'python:3.12'],
      [`ghcr.io/acme/train@sha256:${'a'.repeat(64)}`, `ghcr.io/acme/train@sha256:${'a'.repeat(64)}`],
    ],
    values: [
      ['acme/train', 'acme/train'],
      [null, null],
    ],
    wrongInputs: ['', 'x'.repeat(301), ...notOneLine],
    wrongValues: ['', 'a b', ...notText],
  },
  command: {
    fallback: null,
    inputs: [
      ['python train.py', 'python train.py'],
      [
        'set -x\npip install .\npython train.py "$DATASET"\n',
        'set -x\npip install .\npython train.py "$DATASET"\n',
      ],
    ],
    values: [
      ['make train', 'make train'],
      [null, null],
    ],
    wrongInputs: ['', 'x'.repeat(100_001)],
    wrongValues: ['', 5, 0, true, ['python', 'train.py'], {}],
  },
  maxCost: {
    fallback: 5,
    inputs: [
      ['0.50', 0.5],
      ['12', 12],
      ['0', 0],
      ['.5', 0.5],
      ['+5', 5],
    ],
    values: [
      [0, 0],
      [2.5, 2.5],
      ['1_000', 1000],
      ['8.2E-01', 0.82],
    ],
    wrongInputs: [...wrongNumbers, '1000001'],
    wrongValues: [...notNumber, 1_000_001, Number.NaN, Number.POSITIVE_INFINITY],
  },
  maxRunsPerDay: {
    fallback: 24,
    inputs: [
      ['3', 3],
      ['1000', 1000],
      ['0', 0],
      ['24.0', 24],
      ['1e2', 100],
    ],
    values: [
      [0, 0],
      [7, 7],
      ['24.0', 24],
    ],
    wrongInputs: [...wrongNumbers, '1.5', '1001'],
    wrongValues: [...notNumber, 1.5, 1001],
  },
  ...scriptKeyRows,
  wait: { fallback: true, ...boolean },
  discussion: {
    fallback: 'thread',
    inputs: [
      ['each', 'each'],
      ['off', 'off'],
    ],
    values: [['each', 'each']],
    wrongInputs: ['', 'Each', 'false', 'none', 'threads'],
    wrongValues: ['', 'none', ...notText],
  },
  modelCard: { fallback: true, ...boolean },
  compareMetric: {
    fallback: null,
    inputs: [
      ['eval_accuracy', 'eval_accuracy'],
      ['eval/wer:min', 'eval/wer:min'],
      ['eval_cosine_ndcg@10', 'eval_cosine_ndcg@10'],
      ['metrics/mAP50-95(B)', 'metrics/mAP50-95(B)'],
      ['timing(s)/gen:min', 'timing(s)/gen:min'],
      ['a:b:max', 'a:b:max'],
      ['pre\u0301cision de test:max', 'pr\u00e9cision de test:max'],
    ],
    values: [
      ['f1:max', 'f1:max'],
      [null, null],
    ],
    wrongInputs: [
      '',
      'f1:maximum',
      'f1:',
      ':min',
      'f1:MAX',
      `loss${'x'.repeat(105)}`,
      '"',
      '`id`',
      'loss {x}',
    ],
    wrongValues: ['', 'f1:up', ...notText],
  },
  minImprovement: {
    fallback: 0,
    inputs: [
      ['0.01', 0.01],
      ['2', 2],
      ['0', 0],
    ],
    values: [
      [0, 0],
      [0.5, 0.5],
    ],
    wrongInputs: wrongNumbers,
    wrongValues: [...notNumber, Number.NaN],
  },
  ...publishKeyRows,
}
