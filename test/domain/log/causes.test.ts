import { describe, expect, test } from '@jest/globals'
import { causeInLog, errorsInLog } from '../../../src/domain/log/errors-in-log.ts'
import { reportedLog } from '../../reported-logs/reported-logs.ts'

const causeIn = (log: string) => errorsInLog(log.split('\n'))[0] ?? null

const traceback = (error: string, prefix = '') =>
  ['Traceback (most recent call last):', '  File "train.py", line 1, in <module>', '    train()', error]
    .map((line) => `${prefix}${line}`)
    .join('\n')

describe('The cause in a log as people reported it', () => {
  test.each([
    ['torchrun-value-error.log', 'ValueError: the checkpoint has 10 labels and the dataset has 12'],
    ['torchrun-child-failed.log', 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.20 GiB.'],
    ['exception-group.log', "FileNotFoundError: [Errno 2] No such file: '/data/labels.json'"],
    [
      'uv-no-solution.log',
      'No solution found when resolving script dependencies: Because only torch<=2.9.1 is there and torch>=3 is asked ' +
        'for, the requirements cannot be met.',
    ],
    ['exec-format.log', 'exec /bin/sh: exec format error'],
    ['argparse.log', 'train.py: error: unrecognized arguments: --epoch 3'],
    ['device-assert.log', 'RuntimeError: CUDA error: device-side assert triggered'],
  ])('%s', (name, cause) => {
    expect(causeIn(reportedLog(name))).toBe(cause)
    expect(causeIn(reportedLog(name).replaceAll('\n', '\r\n'))).toBe(cause)
  })
})

describe('What a launcher says last does not hide the error above it:', () => {
  test.each([
    [
      'torchrun',
      'E1126 10:00:00.123000 12 torch/distributed/elastic/multiprocessing/api.py:882] failed (exitcode: 1) local_rank: 0 (pid: 13) of binary: /usr/bin/python',
    ],
    [
      'torchrun with the logger of Python',
      'ERROR:torch.distributed.elastic.multiprocessing.api:failed (exitcode: 1) local_rank: 0 (pid: 12)',
    ],
    [
      'DeepSpeed',
      "[2026-11-26 10:00:00,123] [ERROR] [launch.py:325:sigkill_handler] ['/usr/bin/python', 'train.py'] exits with return code = 1",
    ],
    ['Ray', traceback('ray.exceptions.RayTaskError(ValueError): ray::train() (pid=7)')],
    [
      'mpirun',
      '--------\nPrimary job  terminated normally, but 1 process returned\na non-zero exit code.\n--------\nmpirun detected that one or more processes exited with non-zero status',
    ],
    ['srun', 'srun: error: node1: task 0: Exited with exit code 1'],
    ['make', 'make: *** [Makefile:3: train] Error 1'],
    [
      'npm',
      'npm ERR! code ELIFECYCLE\nnpm ERR! errno 1\nnpm ERR! train@1.0.0 train: `python train.py`\nnpm ERR! Exit status 1',
    ],
    [
      'npm 10',
      'npm error Lifecycle script `train` failed with error:\nnpm error code 1\nnpm error path /app',
    ],
    [
      'conda',
      'ERROR conda.cli.main_run:execute(127): `conda run python train.py` failed. (See above for error)',
    ],
    ['xargs', 'xargs: python: exited with status 255; aborting'],
    ['just', 'error: Recipe `train` failed on line 3 with exit code 1'],
    ['a workflow', '##[error]Process completed with exit code 1.'],
    [
      'a Python script that starts another',
      traceback(
        "subprocess.CalledProcessError: Command '['bash', 'train.sh']' returned non-zero exit status 1.",
      ),
    ],
  ])('%s', (_launcher, after) => {
    expect(causeIn(`${traceback('ValueError: the labels are wrong')}\n${after}`)).toBe(
      'ValueError: the labels are wrong',
    )
    const ofProgram = 'train.py: error: unrecognized arguments: --lr'
    expect(causeIn(`usage: train.py [-h]\n${ofProgram}\n${after}`)).toBe(ofProgram)
  })
})

test('A launcher with a long command does not hide the error above it either', () => {
  const command = `Command '['python', 'train.py', '${'--option '.repeat(80)}']'`
  const after = traceback(`subprocess.CalledProcessError: ${command} returned non-zero exit status 1.`)
  expect(causeIn(`${traceback('ValueError: bad')}\n${after}`)).toBe('ValueError: bad')
})

describe('A signal that only the launcher saw is the cause:', () => {
  test.each([
    ['torchrun', '[rank1]: failed (exitcode: -9) local_rank: 1 (pid: 13) of binary: /usr/bin/python'],
    ['DeepSpeed', "['/usr/bin/python', 'train.py'] exits with return code = -9"],
    ['mpirun', 'mpirun noticed that process rank 0 with PID 12 on node a exited on signal 9 (Killed).'],
    ['bash', 'train.sh: line 3:    12 Killed                  python train.py'],
    ['bash, of a crash', 'train.sh: line 3:    12 Segmentation fault      (core dumped) python train.py'],
    ['a data loader', 'RuntimeError: DataLoader worker (pid 12) is killed by signal: Bus error.'],
    ['a program for a newer processor', 'Illegal instruction (core dumped)'],
  ])('%s', (_launcher, line) => {
    const log = `${traceback('ImportError: no flash_attn')}\nGoing on without it\n${line}\nmake: *** [train] Error 137`
    expect(causeIn(log)).toBe(line.replace(/^\[rank1\]: /, '').replaceAll(/\s+/g, ' '))
  })
})

describe('Of several ranks', () => {
  const lost =
    'RuntimeError: [../third_party/gloo/gloo/transport/tcp/pair.cc:553] Connection reset by peer [10.0.0.2]:1234'
  const late =
    '[rank1]:[E1126 10:00:00 ProcessGroupNCCL.cpp:607] [Rank 1] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=3)'

  test('the one that failed first is the cause, not those that lost it.', () => {
    const log = [
      traceback('ValueError: row 7 has no label', '[rank0]: '),
      traceback(lost, '[rank1]: '),
      late,
      traceback('torch.distributed.DistBackendError: NCCL error', '[rank2]: '),
    ]
    expect(causeIn(log.join('\n'))).toBe('ValueError: row 7 has no label')
  })

  test('the one that failed first is the cause, where the others fail otherwise.', () => {
    const log = [
      traceback('ValueError: row 7 has no label', '[rank3]: '),
      traceback('KeyError: 7', '[rank0]: '),
      traceback('KeyError: 8', '[rank1]: '),
    ]
    expect(causeIn(log.join('\n'))).toBe('ValueError: row 7 has no label')
  })

  test('one that went on after an error did not fail first.', () => {
    const wentOn = Array.from({ length: 30 }, (_, index) => `[rank0]: step ${index}`)
    const log = [
      traceback('ImportError: no flash_attn', '[rank0]: '),
      ...wentOn,
      traceback('ValueError: row 7 has no label', '[rank1]: '),
    ]
    expect(causeIn(log.join('\n'))).toBe('ValueError: row 7 has no label')
  })

  test('mixed lines are told apart.', () => {
    const [zero, one] = [traceback('my.Oops: zero', '[rank0]: '), traceback('my.Oops: one', '[rank1]: ')].map(
      (text) => text.split('\n'),
    )
    const mixed = (one ?? []).flatMap((line, index) => [line, zero?.[index] ?? ''])
    expect(errorsInLog(mixed)).toEqual(['my.Oops: one', 'my.Oops: zero'])
  })

  test('a lost rank is the cause where nothing else is known.', () => {
    expect(causeIn(traceback(lost, '[rank1]: '))).toBe(lost)
  })
})

describe('An error further up than the last lines', () => {
  const many = Array.from({ length: 300 }, (_, index) => `line ${index}`).join('\n')
  const causeNear = (log: string) => causeInLog(log.split('\n'), 100)
  const first = traceback('ValueError: row 7 has no label', '[rank0]: ')

  test('is the cause where a later rank or a launcher failed after it.', () => {
    const later = traceback('KeyError: 7', '[rank1]: ')
    expect(causeNear(`${first}\n${many}\n${later}`)).toBe('ValueError: row 7 has no label')
    const launcher = traceback('torch.distributed.elastic.multiprocessing.errors.ChildFailedError: ')
    expect(causeNear(`${first}\n${many}\n${launcher}`)).toBe('ValueError: row 7 has no label')
  })

  test('is not the cause where the training went on, or failed for another reason.', () => {
    expect(causeNear(`${first}\n${many}`)).toBeNull()
    expect(causeNear(`${first}\n${many}\nerror: no disk`)).toBe('error: no disk')
    expect(causeNear(`${first}\n${many}\n${traceback('KeyError: 7')}`)).toBe('KeyError: 7')
  })
})

describe('Of a group of exceptions', () => {
  const group = (...leaves: string[]) =>
    [
      '  + Exception Group Traceback (most recent call last):',
      '  |   File "train.py", line 9, in <module>',
      `  | ExceptionGroup: unhandled errors in a TaskGroup (${leaves.length} sub-exceptions)`,
      ...leaves.flatMap((leaf, index) => [
        index === 0
          ? '  +-+---------------- 1 ----------------'
          : `    +---------------- ${index + 1} ----------------`,
        '    | Traceback (most recent call last):',
        '    |   File "load.py", line 3, in fetch',
        `    | ${leaf}`,
      ]),
      '    +------------------------------------',
    ].join('\n')

  test('the first exception in it is the cause.', () => {
    expect(causeIn(group('ValueError: first', 'TypeError: second', 'KeyError: 3'))).toBe('ValueError: first')
  })

  test('the first of the innermost group is the cause.', () => {
    const nested = [
      '  + Exception Group Traceback (most recent call last):',
      '  | mine.Problems: outer (2 sub-exceptions)',
      '  +-+---------------- 1 ----------------',
      '    | Exception Group Traceback (most recent call last):',
      '    | ExceptionGroup: inner (1 sub-exception)',
      '    +-+---------------- 1 ----------------',
      '      | ValueError: innermost',
      '      +------------------------------------',
      '    +---------------- 2 ----------------',
      '    | TypeError: second',
      '    +------------------------------------',
    ]
    expect(causeIn(nested.join('\n'))).toBe('ValueError: innermost')
  })

  test('the frame below it is no part of its message.', () => {
    const log = [
      '  + Exception Group Traceback (most recent call last):',
      '  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)',
      '  +-+---------------- 1 ----------------',
      '    | Traceback (most recent call last):',
      '    |   File "train.py", line 3, in <module>',
      '    | httpx.ConnectError: All connection attempts failed',
      '    +------------------------------------',
    ]
    expect(causeIn(log.join('\n'))).toBe('httpx.ConnectError: All connection attempts failed')
  })

  test('it is found behind the prefix of a rank.', () => {
    const ranked = group('ValueError: first', 'TypeError: second').replaceAll(/^/gm, '[rank0]: ')
    expect(causeIn(ranked)).toBe('ValueError: first')
  })

  test('an error that comes after the group is the cause.', () => {
    expect(causeIn(`${group('ValueError: first')}\nGoing on\n${traceback('KeyError: 7')}`)).toBe(
      'KeyError: 7',
    )
  })
})

describe('Of exceptions that led to one another', () => {
  const link = '\n\nThe above exception was the direct cause of the following exception:\n\n'

  test('the last one is the cause: its author chose it for the reader.', () => {
    const log = `${traceback("KeyError: 'text'")}${link}${traceback('ValueError: the dataset has no column "text"')}`
    expect(causeIn(log)).toBe('ValueError: the dataset has no column "text"')
  })

  test('one that says nothing but its class does not hide the one before it.', () => {
    expect(causeIn(`${traceback('ValueError: no rows')}${link}${traceback('my.TrainingError')}`)).toBe(
      'ValueError: no rows',
    )
  })

  test('the last cause that Java names is the cause.', () => {
    const log = [
      'Exception in thread "main" java.lang.RuntimeException: could not train',
      '\tat com.acme.Train.main(Train.java:7)',
      'Caused by: java.io.FileNotFoundException: labels.csv',
      '\tat com.acme.Load.read(Load.java:3)',
    ]
    expect(causeIn(log.join('\n'))).toBe('Caused by: java.io.FileNotFoundException: labels.csv')
  })
})

describe('A message of several lines', () => {
  test.each([
    [
      'that lists what is wrong is joined',
      'RuntimeError: Error(s) in loading state_dict for Net:\n\tsize mismatch for head.weight: [10, 4] and [12, 4].',
      'RuntimeError: Error(s) in loading state_dict for Net: size mismatch for head.weight: [10, 4] and [12, 4].',
    ],
    [
      'that begins in the next line is joined',
      'ImportError: \nLlamaTokenizer requires the SentencePiece library',
      'ImportError: LlamaTokenizer requires the SentencePiece library',
    ],
    ['that is none of it is left out', 'ValueError: no labels:\n============', 'ValueError: no labels:'],
  ])('%s', (_title, error, cause) => {
    expect(causeIn(traceback(error))).toBe(cause)
  })
})

test('The traceback in the report of torchrun is read, and its frame is no cause', () => {
  const report = [
    'torch.distributed.elastic.multiprocessing.errors.ChildFailedError:',
    '============',
    'Root Cause (first observed failure):',
    '  exitcode  : 1 (pid: 12)',
    '  traceback : Traceback (most recent call last):',
    '    File "train.py", line 5, in main',
    '      raise Oops("bad")',
    '  __main__.Oops: bad',
    '  ',
    '============',
  ]
  expect(causeIn(report.join('\n'))).toBe('__main__.Oops: bad')
})

test('What is printed in the middle of a traceback is no error', () => {
  const log =
    'Traceback (most recent call last):\n  File "train.py", line 1\nEpoch 3 of 5\nValueError: bad\nbye'
  expect(errorsInLog(log.split('\n'))).toEqual(['ValueError: bad'])
})
