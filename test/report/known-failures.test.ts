import { expect, test } from '@jest/globals'
import { knownFailure } from '../../src/report/known-failures.ts'

const causeOf = (line: string) =>
  knownFailure({ reason: 'The Job failed.', logTail: ['Starting', line, 'Bye'] })?.cause

test.each([
  ['402 Client Error: Payment Required for url: https://huggingface.co/api/jobs/acme', /no credits/],
  ['The Job was cancelled by the provider: NO_CREDITS', /no credits/],
  ['Cannot access gated repo for url https://huggingface.co/meta-llama/Llama-3.2-1B', /gated/],
  ['You are trying to access a gated repo.', /gated/],
  ['403 Forbidden: You don\'t have the rights to create a model under the namespace "acme".', /cannot write/],
  [
    'huggingface_hub.errors.HfHubHTTPError: 403 Client Error: Forbidden for url: https://huggingface.co/api/repos/create',
    /cannot write/,
  ],
  [
    'HfHubHTTPError: 409 Client Error: Conflict for url: https://huggingface.co/api/repos/create',
    /already exists/,
  ],
  ['Invalid user token.', /wrong, expired or revoked/],
  [
    "OSError: acme/nope is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
    /`input-model` does not exist/,
  ],
  ["KeyError: 'image'", /lacks a column/],
  [
    "ValueError: Column 'label' not in the dataset. Current columns in the dataset: ['image', 'digit']",
    /lacks a column/,
  ],
  ['ValueError: Unknown split "validation". Should be one of [\'train\'].', /lacks the split/],
  ['torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.13 GiB.', /GPU is out of memory/],
  ['Killed', /machine is out of memory/],
  ['Job timeout', /longer than `timeout`/],
  ['OSError: [Errno 28] No space left on device', /disk is full/],
  ['sh: 1: autotrain: not found', /is not installed/],
  ['RuntimeError: Found no NVIDIA driver on your system.', /needs a GPU/],
  ["PIL.UnidentifiedImageError: cannot identify image file 'train/3/broken.png'", /not a readable image/],
  ['OSError: image file is truncated (12 bytes not processed)', /not a readable image/],
  ["ModuleNotFoundError: No module named 'timm'", /Python package/],
  ['429 Client Error: Too Many Requests for url: https://huggingface.co/api/models', /rate limiting/],
] as const)('The cause is recognised in the log line "%s"', (line, cause) => {
  expect(causeOf(line)).toMatch(cause)
})

test.each([
  'Epoch 402 of 500, loss 0.4',
  'the model was not found to be better',
  'eval_accuracy 0.403',
  'Saving checkpoint 409',
])('No cause is found in the log line "%s"', (line) => {
  expect(causeOf(line)).toBeUndefined()
})

test('Only the end of a log of 10 MB is searched, and quickly', () => {
  const logTail = [...Array.from({ length: 100_000 }, () => 'column '.repeat(15)), 'Job timeout']
  expect(knownFailure({ reason: 'x'.repeat(1_000_000), logTail })?.cause).toMatch(/timeout/)
})

const unknown = [
  'Traceback (most recent call last):',
  '  File "train.py", line 1',
  'ValueError: nobody knows it',
]
const known = [
  'Traceback (most recent call last):',
  '  File "hub.py", line 1',
  "ModuleNotFoundError: No module named 'flash_attn'",
]
const reason = 'The Job failed: ValueError: nobody knows it'

test('An unknown cause gets no advice for another error, which the training went on after', () => {
  const logTail = [...known, 'Falling back to sdpa', ...unknown]
  expect(knownFailure({ reason, logTail })).toBeNull()
})

test('An unknown cause gets the advice for the exception that it was raised from', () => {
  const link = 'The above exception was the direct cause of the following exception:'
  const logTail = [...known, '', link, '', ...unknown]
  expect(knownFailure({ reason, logTail })?.cause).toMatch(/Python package/)
})

test('A full memory explains the errors after it', () => {
  const logTail = ['torch.OutOfMemoryError: CUDA out of memory.', ...unknown]
  expect(knownFailure({ reason, logTail })?.cause).toMatch(/GPU is out of memory/)
})

test('A failure without an error gets no advice for what the program warned of or tried again', () => {
  const logTail = [
    "'429 Client Error: Too Many Requests' for url: https://huggingface.co/api/models. Retrying in 1s",
    'WARNING: No space left on device for the cache, falling back to memory',
    'No usable rows.',
  ]
  expect(knownFailure({ reason: 'The Job failed. Its last line: No usable rows.', logTail })).toBeNull()
})
