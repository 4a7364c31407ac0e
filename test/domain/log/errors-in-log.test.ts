import { describe, expect, test } from '@jest/globals'
import { errorsInLog } from '../../../src/domain/log/errors-in-log.ts'
import { programLine } from '../../../src/domain/log/program-text.ts'
import { recordedLog } from '../../recorded-logs/recorded-logs.ts'

const causeIn = (log: string) => errorsInLog(log.split('\n'))[0] ?? null

const launcher = [
  'Traceback (most recent call last):',
  '  File "/app/env/bin/accelerate", line 10, in <module>',
  '    sys.exit(main())',
  "subprocess.CalledProcessError: Command '['/app/env/bin/python', '-m', 'autotrain.trainers.seq2seq']' returned non-zero exit status 1.",
]

const traceback = (error: string, prefix = '') =>
  ['Traceback (most recent call last):', '  File "train.py", line 1, in <module>', '    train()', error]
    .map((line) => `${prefix}${line}`)
    .join('\n')

describe('The cause in a recorded log', () => {
  test.each([
    [
      'that accelerate ends with an error of its own',
      'seq2seq-failure-at-import.log',
      "FileNotFoundError: Couldn't find a module script at /app/rouge/rouge.py. Module 'rouge' doesn't exist on the Hugging Face Hub either.",
    ],
    [
      'of AutoTrain is the exception that it reports',
      'image-failure-truncated-png.log',
      'OSError: image file is truncated',
    ],
    [
      'of a trainer that was killed is what its launcher says',
      'image-failure-killed-while-pushing.log',
      expect.stringMatching(/^subprocess\.CalledProcessError: .* died with <Signals\.SIGKILL: 9>\.$/),
    ],
    ['of a success is none', 'image-success.log', null],
    ['of a success with one stream is none', 'image-success.merged-stderr.log', null],
  ])('%s', (_title, name, cause) => {
    expect(causeIn(recordedLog(name))).toEqual(cause)
  })
})

describe('An error of a launcher does not hide the one above it', () => {
  test.each([
    ['accelerate', launcher.join('\n')],
    [
      'torchrun',
      [
        'torch.distributed.elastic.multiprocessing.errors.ChildFailedError:',
        '============================================================',
        'train.py FAILED',
        'Root Cause (first observed failure):',
        '  exitcode  : 1 (pid: 12)',
        '  traceback : To enable traceback see: https://pytorch.org/docs/stable/elastic/errors.html',
      ].join('\n'),
    ],
    [
      'torch.multiprocessing',
      `${traceback('torch.multiprocessing.spawn.ProcessRaisedException: ')}\n-- Process 1 terminated`,
    ],
    ['a lost rank', traceback('torch.distributed.DistBackendError: NCCL error', '[rank1]: ')],
    ['datasets', traceback('datasets.exceptions.DatasetGenerationError: An error occurred')],
    ['an exit', traceback('SystemExit: 1')],
    ['an interruption', traceback('KeyboardInterrupt')],
    ['Ray Tune', "ray.tune.error.TuneError: ('Trials did not complete', [train_a])"],
    [
      'Horovod',
      traceback('RuntimeError: Horovod detected that one or more processes exited with non-zero status'),
    ],
    ['Snakemake', 'RuleException:\nCalledProcessError in file Snakefile, line 3:'],
    ['Invoke', traceback('invoke.exceptions.UnexpectedExit: Encountered a bad command exit code!')],
    ['pdsh', 'pdsh@head: worker-0: ssh exited with exit code 1'],
  ])('of %s', (_title, after) => {
    expect(causeIn(`${traceback('ValueError: the labels are wrong')}\n${after}`)).toBe(
      'ValueError: the labels are wrong',
    )
  })

  test('but is the cause when there is no other one', () => {
    expect(causeIn(launcher.join('\n'))).toMatch(/^subprocess\.CalledProcessError/)
  })

  test('but is the cause when it says that the program was killed, whatever failed before', () => {
    const earlier = traceback('ImportError: cannot import name x')
    const killed = "subprocess.CalledProcessError: Command '['python']' died with <Signals.SIGKILL: 9>."
    expect(causeIn(`${earlier}\n${killed}`)).toBe(killed)
    expect(causeIn(`${earlier}\n  traceback : Signal 9 (SIGKILL) received by PID 12`)).toMatch(/SIGKILL/)
  })
})

describe('An error is read', () => {
  test.each([
    ['behind the prefix of a rank', traceback('ValueError: bad', '[rank0]: '), 'ValueError: bad'],
    ['behind the prefix of torchrun', traceback('ValueError: bad', '[default3]:'), 'ValueError: bad'],
    ['behind the prefix of srun', traceback('ValueError: bad', '3: '), 'ValueError: bad'],
    [
      'behind the prefix of Ray',
      traceback('ValueError: bad', '(Worker pid=7, ip=10.0.0.1) '),
      'ValueError: bad',
    ],
    ['behind a time', traceback('ValueError: bad', '2026-11-26T10:00:00.123Z '), 'ValueError: bad'],
    ['in a box', '╭──────────╮\n│ ValueError: bad      │\n╰──────────╯', 'ValueError: bad'],
    [
      'in a group',
      '  | Traceback (most recent call last):\n  |   File "x"\n  | ValueError: bad',
      'ValueError: bad',
    ],
    [
      'when its class does not end with Error',
      traceback('zipfile.BadZipFile: bad'),
      'zipfile.BadZipFile: bad',
    ],
    [
      'behind a progress bar that has not ended its line',
      ' 11%|█ | 1/9 [00:00<00:01,  8.01it/s]' +
        'ERROR    | 2026-11-26 03:21:48 | autotrain.trainers.common:wrapper:215 - train has failed due to an exception: ' +
        'Traceback (most recent call last):\n  File "x"\nKeyError: \'picture\'\n\n' +
        "ERROR    | 2026-11-26 03:21:48 | autotrain.trainers.common:wrapper:216 - 'picture'",
      "KeyError: 'picture'",
    ],
    [
      'behind a progress bar with numbers of its own',
      ' 11%|█ | 1/9 [00:00<00:01,  8.01it/s, loss=0.4]ERROR    | 2026-11-26 03:21:48 | my.module:run:1 - no labels',
      'no labels',
    ],
    ['of a shell', 'Starting\nsh: 1: autotrain: not found', 'sh: 1: autotrain: not found'],
    ['that a logger names, when there is no exception', 'ERROR: no data\nbye', 'no data'],
  ])('%s', (_title, log, cause) => {
    expect(causeIn(log)).toBe(cause)
  })
})

test('The exception that AutoTrain reports is the one at the end of its chain, and noise after it counts for nothing', () => {
  const log = [
    'ERROR    | 2026-11-26 03:21:48 | autotrain.trainers.common:wrapper:215 - train has failed due to an exception: Traceback (most recent call last):',
    '  File "a"',
    'huggingface_hub.errors.RepositoryNotFoundError: 404 Client Error. (Request ID: x)',
    '',
    'Repository Not Found for url: https://huggingface.co/ann/x.',
    '',
    'The above exception was the direct cause of the following exception:',
    '',
    'Traceback (most recent call last):',
    '  File "b"',
    "OSError: ann/x is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
    'If this is a private repository, make sure to pass a token',
    '',
    'ERROR    | 2026-11-26 03:21:48 | autotrain.trainers.common:wrapper:216 - ann/x is not a local folder',
    'Exception ignored in: <function Pool.__del__>',
    'Traceback (most recent call last):',
    '  File "c"',
    "AttributeError: 'NoneType' object has no attribute 'x'",
    'RuntimeError: cannot schedule new futures after shutdown',
  ].join('\n')
  expect(causeIn(log)).toBe(
    "OSError: ann/x is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models' " +
      'If this is a private repository, make sure to pass a token',
  )
})

test('An error of pydantic has each field and its sentence', () => {
  const log = [
    'Traceback (most recent call last):',
    '  File "common.py", line 264, in __init__',
    'pydantic_core._pydantic_core.ValidationError: 2 validation errors for ImageClassificationParams',
    'lr',
    "  Input should be a valid number, unable to parse string as a number [type=float_parsing, input_value='fast', input_type=str]",
    '    For further information visit https://errors.pydantic.dev/2.10/v/float_parsing',
    'epochs',
    "  Input should be a valid integer, unable to parse string as an integer [type=int_parsing, input_value='three', input_type=str]",
    '    For further information visit https://errors.pydantic.dev/2.10/v/int_parsing',
  ].join('\n')
  expect(causeIn(log)).toBe(
    '2 validation errors for ImageClassificationParams: ' +
      'lr: Input should be a valid number, unable to parse string as a number; ' +
      'epochs: Input should be a valid integer, unable to parse string as an integer',
  )
})

test('An error of the client of the Hub has what the Hub answered', () => {
  const log = [
    traceback('huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: None.'),
    'Cannot access content at: https://huggingface.co/api/repos/create.',
    'Make sure your token has the correct permissions.',
    'INFO     | 2026-11-26 03:21:52 | autotrain.parser:run:229 - Job ID: 22429',
  ].join('\n')
  expect(causeIn(log)).toBe(
    'huggingface_hub.errors.HfHubHTTPError: 403 Forbidden: None. ' +
      'Cannot access content at: https://huggingface.co/api/repos/create. Make sure your token has the correct permissions.',
  )
})

test('Hostile lines are read quickly', () => {
  const lines = [
    '[0]: ',
    '\\S: ',
    ' ',
    '│ ',
    '/s], ',
    'a.',
    'Killed ',
    'ERROR | ',
    'subprocess.CalledProcessError: Command python ',
    ' NCCL ',
    'gloo peer',
    'ERROR a:1 - ',
    'error: ',
    'worker-1 | ',
  ]
  for (const part of lines) {
    const line = part.repeat(10_000 / part.length)
    expect(errorsInLog(Array.from({ length: 200 }, () => line)).length).toBeLessThan(1000)
    expect(programLine(line).text.length).toBeLessThanOrEqual(line.length)
  }
})
