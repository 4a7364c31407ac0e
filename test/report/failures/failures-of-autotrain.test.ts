import { describe, expect, test } from '@jest/globals'
import { likelyCause } from '../../../src/report/facts.ts'
import { failuresIn, knownFailure } from '../../../src/report/known-failures.ts'
import { endWith, outcomeWith, recipeWith } from '../outcomes.ts'

/** What real AutoTrain 0.8.36 printed last, and what has to be said of it. */
const failures: readonly [input: string, error: string, cause: RegExp, advice: RegExp][] = [
  ['an image column that does not exist', "KeyError: 'picture'", /lacks a column/, /column-mapping/],
  ['a target column that does not exist', "KeyError: 'class'", /lacks a column/, /column-mapping/],
  [
    'a text column that does not exist',
    'ValueError: review not in train data',
    /lacks a column/,
    /column-mapping/,
  ],
  [
    'a split that does not exist',
    'ValueError: Unknown split "training". Should be one of [\'train\'].',
    /lacks the split/,
    /splits that the dataset has/,
  ],
  ['one class folder', "KeyError: 'label'", /only one class folder/, /at least two class folders/],
  [
    'one class in a table',
    'ValueError: Invalid number of classes. Must be greater than 1.',
    /one class only/,
    /another class/,
  ],
  [
    'a class with one row',
    'ValueError: The least populated class in y has only 1 member, which is too few. The minimum number of groups for any class cannot be less than 2.',
    /a class has only one row/,
    /valid-split/,
  ],
  [
    'too few rows',
    'ValueError: The test_size = 1 should be greater or equal to the number of classes = 2',
    /too few rows to set a fifth/,
    /valid-split/,
  ],
  ['an empty label', 'ValueError: Input contains NaN', /label column has empty values/, /Fill them in/],
  [
    'a class that only the validation has',
    'ValueError: Invalid string class label meh',
    /class that the training split lacks/,
    /training split/,
  ],
  [
    'labels that are text',
    "AttributeError: 'Value' object has no attribute 'names'",
    /`ClassLabel`/,
    /train\.csv.*cast the column/,
  ],
  [
    'tags that are text',
    "AttributeError: 'Value' object has no attribute 'feature'",
    /`ClassLabel`/,
    /train\.csv/,
  ],
  [
    'a validation without one of the classes',
    'ValueError: Number of classes in train and valid are not the same. Training has 3 and valid has 2',
    /other classes than the training split/,
    /same classes/,
  ],
  ['a truncated image', 'OSError: image file is truncated', /not a readable image/, /truncated/],
  [
    'an empty image',
    'PIL.UnidentifiedImageError: cannot identify image file <_io.BytesIO object at 0x7f045236ea70>',
    /not a readable image/,
    /empty/,
  ],
  [
    'a base model that does not exist',
    "OSError: ann/nothing-here is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models' If this is a private repository, make sure to pass a token having permission to this repo either by logging in with `huggingface-cli login` or by passing `token=<your_token>`",
    /`input-model` does not exist/,
    /spelling/,
  ],
  [
    'a base model of another kind',
    "ValueError: Unrecognized configuration class <class 'transformers.models.bert.configuration_bert.BertConfig'> for this kind of AutoModel: AutoModelForImageClassification.",
    /not a model for this task/,
    /kind that `task` trains/,
  ],
  [
    'a parameter of the wrong type',
    '1 validation error for ImageClassificationParams: epochs: Input should be a valid integer, unable to parse string as an integer',
    /`params` has the wrong type/,
    /Correct that value/,
  ],
  [
    'an optimizer that does not exist',
    "ValueError: adamx is not a valid OptimizerNames, please select one of ['adamw_hf', 'adamw_torch']",
    /`optimizer` in `params`/,
    /adamw_torch/,
  ],
  [
    'a scheduler that does not exist',
    "ValueError: bent is not a valid SchedulerType, please select one of ['linear', 'cosine']",
    /`scheduler` in `params`/,
    /linear/,
  ],
  [
    'a token that is not valid',
    'huggingface_hub.errors.HfHubHTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co/api/repos/create Invalid username or password.',
    /wrong, expired or revoked/,
    /new token/,
  ],
  [
    'a token that may not write',
    'huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: None. Cannot access content at: https://huggingface.co/api/repos/create. Make sure your token has the correct permissions.',
    /cannot write models/,
    /write access/,
  ],
  [
    'a push that is refused',
    'huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: None. Cannot access content at: https://huggingface.co/api/models/ann/digits-1/preupload/main.',
    /cannot write models/,
    /write access/,
  ],
  [
    'a commit that the Hub could not make',
    'huggingface_hub.errors.HfHubHTTPError: 500 Server Error: Internal Server Error for url: https://huggingface.co/api/models/ann/digits-1/commit/main',
    /the Hub had an error of its own/,
    /re-run/,
  ],
  [
    'a model that is there already',
    'huggingface_hub.errors.HfHubHTTPError: 409 Client Error: Conflict for url: https://huggingface.co/api/repos/create',
    /already exists/,
    /free name/,
  ],
  [
    'a machine without enough memory',
    "subprocess.CalledProcessError: Command '['/app/env/bin/python', '-m', 'autotrain.trainers.image_classification', '--training_config', 'digits-1/training_params.json']' died with <Signals.SIGKILL: 9>.",
    /machine is out of memory/,
    /more memory/,
  ],
  [
    'a metric that cannot be loaded',
    "FileNotFoundError: Couldn't find a module script at /app/rouge/rouge.py. Module 'rouge' doesn't exist on the Hugging Face Hub either.",
    /code of a metric/,
    /seq2seq/,
  ],
  [
    'a table with xgboost',
    "AttributeError: 'super' object has no attribute '__sklearn_tags__'",
    /cannot train `xgboost`/,
    /random_forest/,
  ],
  [
    'a regression of a table',
    "TypeError: got an unexpected keyword argument 'squared'",
    /cannot train `tabular-regression`/,
    /script of your own/,
  ],
  [
    'a table with labels that are text',
    'ValueError: Unknown label type: unknown. Maybe you are trying to fit a classifier, which expects discrete classes on a regression target with continuous values.',
    /labels of the table are not whole numbers/,
    /0, 1, 2/,
  ],
  [
    'a table with a model of the Hub',
    'ValueError: Invalid model',
    /name of a model for tables/,
    /random_forest/,
  ],
  [
    'a table without a validation split',
    'Exception: valid_data is None. Please provide a valid_split for tabular training.',
    /validation split/,
    /valid-split/,
  ],
  [
    'a quantization without a GPU',
    'RuntimeError: CUDA is required but not available for bitsandbytes. Please consider installing the multi-platform enabled version of bitsandbytes, which is currently a work in progress.',
    /needs a GPU/,
    /quantization/,
  ],
  [
    'extractive question answering',
    "ImportError: cannot import name 'load_metric' from 'datasets' (/app/env/lib/python3.10/site-packages/datasets/__init__.py)",
    /extractive-question-answering/,
    /script of your own/,
  ],
  [
    'a base model with code of its own',
    'ValueError: Loading ann/own requires you to execute the configuration file in that repo on your local machine. Make sure you have read the code there to avoid malicious use, then set the option `trust_remote_code=True` to remove this error.',
    /code of its own/,
    /trainer: job/,
  ],
  [
    'a repository that does not exist',
    'huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error. (Request ID: Root=1-abc) Repository Not Found for url: https://huggingface.co/ann/nothing/resolve/main/config.json. Please make sure you specified the correct `repo_id` and `repo_type`. If you are trying to access a private or gated repo, make sure you are authenticated.',
    /does not exist/,
    /spelling/,
  ],
  [
    'a file that does not exist',
    'requests.exceptions.HTTPError: 404 Client Error: Not Found for url: https://huggingface.co/ann/x/resolve/main/y.json',
    /not on the Hub/,
    /names/,
  ],
  [
    'a gated base model',
    'huggingface_hub.errors.GatedRepoError: 403 Client Error. Cannot access gated repo for url https://huggingface.co/meta-llama/Llama-3.2-1B/resolve/main/config.json. Access to model meta-llama/Llama-3.2-1B is restricted and you are not in the authorized list.',
    /is gated/,
    /Request access/,
  ],
  [
    'class folders that AutoTrain cannot pack',
    'ValueError: /data/train should contain at least 2 subfolders.',
    /not laid out/,
    /two class folders/,
  ],
]

const reasonOf = (error: string) => `The Job failed (Job failed with exit code: 1): ${error}`

describe.each(failures)('After %s', (_input, error, cause, advice) => {
  test('the report names the cause and what to do', () => {
    const known = knownFailure({ reason: reasonOf(error), logTail: [] })
    expect(known?.cause).toMatch(cause)
    expect(known?.advice).toMatch(advice)
  })

  test('no other cause would fit as well', () => {
    expect(failuresIn(reasonOf(error))).toHaveLength(1)
  })

  test('the cause is found in the log as well, where the reason may not quote it', () => {
    expect(knownFailure({ reason: 'The training did not succeed.', logTail: [error] })?.cause).toMatch(cause)
  })
})

test('A column that the recipe names and the dataset lacks is named', () => {
  const recipe = recipeWith({ column_mapping: { image_column: 'pict|ure', target_column: 'class' } })
  const said = (reason: string) =>
    likelyCause(
      outcomeWith({ verdict: 'failed', recipe, reason, end: endWith({ verdict: 'failed', logTail: [] }) }),
    )
  expect(said(reasonOf("KeyError: 'class'")).join('\n')).toContain(
    'the dataset has no column `class`, which `column-mapping` names.',
  )
  expect(said(reasonOf("KeyError: 'pict|ure'")).join('\n')).not.toContain('pict|ure')
  expect(said(reasonOf("KeyError: 'other'")).join('\n')).toContain('lacks a column')
})

test('What was tried again with success is not the cause of a later error', () => {
  const logTail = [
    'HTTP Error 429 Too Many Requests: retrying in 1 s',
    "'(MaxRetryError: Max retries exceeded with url: /x)' thrown while requesting HEAD https://huggingface.co/x",
    'Traceback (most recent call last):',
    '  File "train.py", line 1, in <module>',
    'ZeroDivisionError: division by zero',
  ]
  expect(knownFailure({ reason: 'The training did not succeed.', logTail })).toBeNull()
})

test('An error that a general one hides is found', () => {
  const logTail = ['torch.OutOfMemoryError: CUDA out of memory.', 'RuntimeError: the training failed']
  expect(knownFailure({ reason: 'The training did not succeed.', logTail })?.cause).toMatch(
    /GPU is out of memory/,
  )
})
