import { globs, notText } from './recipe-key-forms.ts'
import type { KeyRow } from './recipe-key-rows.ts'

/** The rows of the keys that say how a script runs. */
export const scriptKeyRows = {
  script: {
    fallback: null,
    inputs: [
      ['training/train.py', 'training/train.py'],
      [
        'https://raw.test/acme/lib/0123456789abcdef0123456789abcdef01234567/train.py',
        'https://raw.test/acme/lib/0123456789abcdef0123456789abcdef01234567/train.py',
      ],
    ],
    values: [
      ['train.py', 'train.py'],
      ['Mein Training/größe ✓.py', 'Mein Training/größe ✓.py'],
      [null, null],
    ],
    wrongInputs: [
      '',
      '/train.py',
      '../train.py',
      'training/a\nb.py',
      'training/a\u2028b.py',
      'training/a\u202eb.py',
      'training/../train.py',
      'training//train.py',
      './train.py',
      'train.sh',
      'training\\train.py',
      'https://raw.test/acme/lib/main/train.py',
      'https://user:word@raw.test/0123456789abcdef0123456789abcdef01234567/train.py',
      'http://raw.test/0123456789abcdef0123456789abcdef01234567/train.py',
    ],
    wrongValues: ['', 'train.sh', ...notText],
    beside: { trainer: 'script' },
  },
  scriptArgs: {
    fallback: [],
    inputs: [
      ['--epochs=5\n--hub_model_id={model}', ['--epochs=5', '--hub_model_id={model}']],
      ['folder', ['folder']],
    ],
    values: [[['--a b'], ['--a b']]],
    wrongInputs: [],
    wrongValues: [[''], [1], '--epochs=5', {}],
    beside: { trainer: 'script', script: 'train.py' },
  },
  files: { fallback: [], ...globs, beside: { trainer: 'script', script: 'train.py' } },
  python: {
    fallback: null,
    inputs: [
      ['3.12', '3.12'],
      ['3.13.1', '3.13.1'],
    ],
    values: [
      ['3.11', '3.11'],
      [null, null],
    ],
    wrongInputs: ['', '3', '2.7', '>=3.12', 'python3.12'],
    wrongValues: ['', '3', ...notText],
    beside: { trainer: 'script', script: 'train.py' },
  },
  with: {
    fallback: [],
    inputs: [
      ['trl==1.16.0\npeft', ['trl==1.16.0', 'peft']],
      ['torch', ['torch']],
    ],
    values: [[['trl'], ['trl']]],
    wrongInputs: [],
    wrongValues: [[''], [1], 'trl', {}],
    beside: { trainer: 'script', script: 'train.py' },
  },
  env: {
    fallback: {},
    inputs: [
      ['{"WANDB_PROJECT": "digits"}', { WANDB_PROJECT: 'digits' }],
      ['A: b\nC: d', { A: 'b', C: 'd' }],
    ],
    values: [[{ A: 'b' }, { A: 'b' }]],
    wrongInputs: ['A', '{"A": 1}', '{"HF_TOKEN": "x"}', '{"AUTO_RETRAIN_MODEL": "x"}', '{"A B": "x"}'],
    wrongValues: [{ A: 1 }, { HF_TOKEN: 'x' }, ['A'], 'A', 1],
    beside: { trainer: 'job' },
  },
  secrets: {
    fallback: [],
    inputs: [
      ['WANDB_API_KEY', ['WANDB_API_KEY']],
      ['A\nB', ['A', 'B']],
    ],
    values: [[['A'], ['A']]],
    wrongInputs: ['HF_TOKEN', 'AUTO_RETRAIN_MODEL', 'A B', 'A=b', '1A'],
    wrongValues: [['HF_TOKEN'], [''], 'A', {}],
    beside: { trainer: 'job' },
  },
  giveToken: {
    fallback: null,
    inputs: [
      ['true', true],
      ['false', false],
    ],
    values: [
      [true, true],
      [null, null],
    ],
    wrongInputs: ['yes', '1'],
    wrongValues: ['yes', 1, {}],
    beside: { trainer: 'job' },
  },
} satisfies Record<string, KeyRow>
