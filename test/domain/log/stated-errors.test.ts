import { describe, expect, test } from '@jest/globals'
import { errorsInLog } from '../../../src/domain/log/errors-in-log.ts'
import { lastLineOf } from '../../../src/domain/log/last-line.ts'

const causeIn = (log: string) => errorsInLog(log.split('\n'))[0] ?? null

describe('An error without an exception counts:', () => {
  test.each([
    [
      'uv, of a package',
      '  × Failed to build `flash-attn==2.6`\n  ├─▶ The build backend returned an error\n  ╰─▶ Call to `setuptools.build_meta` failed (exit status: 1)',
      'Failed to build `flash-attn==2.6`: The build backend returned an error: Call to `setuptools.build_meta` failed (exit status: 1)',
    ],
    [
      'uv, of a file',
      'error: Failed to spawn: `train.py`\n  Caused by: No such file or directory (os error 2)',
      'Failed to spawn: `train.py`: No such file or directory (os error 2)',
    ],
    [
      'pip',
      'ERROR: Could not find a version that satisfies the requirement torch==9\nERROR: No matching distribution found for torch==9',
      'No matching distribution found for torch==9',
    ],
    [
      'git',
      "Cloning into 'x'...\nfatal: repository 'https://example.com/x/' not found",
      "fatal: repository 'https://example.com/x/' not found",
    ],
    [
      'argparse',
      'usage: t.py [-h]\nt.py: error: the following arguments are required: --data',
      't.py: error: the following arguments are required: --data',
    ],
    [
      'click',
      "Usage: train.py [OPTIONS]\nTry 'train.py --help' for help.\n\nError: No such option: --lr",
      'Error: No such option: --lr',
    ],
    [
      'typer',
      'Usage: train.py [OPTIONS]\n╭─ Error ──────────────────╮\n│ No such option: --lr     │\n╰──────────────────────────╯',
      'No such option: --lr',
    ],
    [
      'an image for another processor',
      'exec /usr/local/bin/python: exec format error',
      'exec /usr/local/bin/python: exec format error',
    ],
    [
      'a program for another processor',
      'bash: line 1: ./train: cannot execute binary file: Exec format error',
      'bash: line 1: ./train: cannot execute binary file: Exec format error',
    ],
    ['bash', 'bash: ./train.sh: Permission denied', 'bash: ./train.sh: Permission denied'],
    [
      'a full disk',
      "cp: error writing '/tmp/x': No space left on device",
      "cp: error writing '/tmp/x': No space left on device",
    ],
    [
      'Python without its script',
      "python: can't open file '/app/train.py': [Errno 2] No such file or directory",
      "python: can't open file '/app/train.py': [Errno 2] No such file or directory",
    ],
    [
      'Python without its module',
      '/usr/bin/python3: No module named train',
      '/usr/bin/python3: No module named train',
    ],
    [
      'C++',
      "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\nAborted (core dumped)",
      "terminate called after throwing an instance of 'std::bad_alloc' what(): std::bad_alloc",
    ],
    [
      'Go',
      'panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()',
      'panic: runtime error: index out of range [3] with length 3',
    ],
    [
      'Rust',
      "\nthread 'main' panicked at src/main.rs:7:5:\nno labels\nnote: run with `RUST_BACKTRACE=1`",
      "thread 'main' panicked at src/main.rs:7:5: no labels",
    ],
    [
      'Node.js',
      "node:internal/modules/cjs/loader:1148\n  throw err;\n  ^\n\nError: Cannot find module '/app/train.js'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1145:15)",
      "Error: Cannot find module '/app/train.js'",
    ],
    [
      'npm',
      'npm error Missing script: "train"\nnpm error A complete log of this run can be found in: /root/.npm/_logs/x.log',
      'npm error Missing script: "train"',
    ],
    [
      'Julia',
      'ERROR: LoadError: UndefVarError: `labels` not defined\nStacktrace:\n [1] top-level scope',
      'LoadError: UndefVarError: `labels` not defined',
    ],
    [
      'R',
      "Error in library(torch) : there is no package called 'torch'\nExecution halted",
      "Error in library(torch) : there is no package called 'torch'",
    ],
    [
      'R, over two lines',
      'Error in readRDS("a.rds", refhook = NULL) :\n  unknown input format\nExecution halted',
      'Error in readRDS("a.rds", refhook = NULL) : unknown input format',
    ],
    ['a logger of Python', '2026-11-26 10:00:00,123 - train - ERROR - no data in /data', 'no data in /data'],
    ['a logger with brackets', '[2026-11-26 10:00:00,123] [ERROR] no data in /data', 'no data in /data'],
    ['a logger without a format', 'ERROR:root:no data in /data', 'no data in /data'],
    [
      'loguru',
      '2026-11-26 10:00:00.123 | ERROR    | __main__:main:10 - no data in /data',
      'no data in /data',
    ],
    ['structlog', '2026-11-26 10:00:00 [error    ] no data in /data', 'no data in /data'],
    [
      'Slurm, of its time limit',
      'slurmstepd: error: *** JOB 12 ON n1 CANCELLED AT 2026-11-26T10:00:00 DUE TO TIME LIMIT ***',
      'slurmstepd: error: *** JOB 12 ON n1 CANCELLED AT 2026-11-26T10:00:00 DUE TO TIME LIMIT ***',
    ],
    [
      'Hydra',
      "Could not override 'lrr'.\nKey 'lrr' is not in struct\n\nSet the environment variable HYDRA_FULL_ERROR=1",
      "Could not override 'lrr'.",
    ],
    ['Elixir', '** (RuntimeError) bad\n    t.exs:3: (file)', '** (RuntimeError) bad'],
    [
      'a box without its own characters',
      'Usage: train.py [OPTIONS]\n+- Error ----------------+\n| No such option: --lr   |\n+------------------------+',
      'No such option: --lr',
    ],
    [
      'an image for another processor, of an older Docker',
      'standard_init_linux.go:228: exec user process caused: exec format error',
      'standard_init_linux.go:228: exec user process caused: exec format error',
    ],
    [
      'a variable of bash',
      'train.sh: line 3: DATA: unbound variable',
      'train.sh: line 3: DATA: unbound variable',
    ],
    ['an annotation', '::error file=train.py,line=3::no data in /data', 'no data in /data'],
  ])('%s', (_program, log, cause) => {
    expect(causeIn(`Starting\n${log}`)).toBe(cause)
  })

  test('an exception is a better cause, wherever it stands.', () => {
    expect(
      causeIn('Traceback (most recent call last):\n  File "x"\nValueError: bad\nERROR: training failed'),
    ).toBe('ValueError: bad')
  })

  test.each([
    'fatal: not a git repository (or any of the parent directories): .git',
    "ERROR: pip's dependency resolver does not currently take into account all the packages that are installed.",
    'Error: the server is busy, retrying in 5 s',
    'Errors so far: 0',
    'eval_error: 0.31',
    '0 failed, error rate: low',
  ])('no cause is "%s"', (line) => {
    expect(causeIn(`Starting\n${line}\nbye`)).toBeNull()
  })
})

describe('The last line that says something', () => {
  test.each([
    [
      'comes before progress bars and empty lines',
      'Loading weights\n 11%|█ | 1/9 [00:00<00:01, 8.01it/s]\n\n  50%',
      'Loading weights',
    ],
    ['is in a box', 'Starting\n╭──────────╮\n│ no GPU here │\n╰──────────╯', 'no GPU here'],
    ['is none of the Job', '===== Job started at 2026-11-26 10:00:00 =====\nno GPU here', 'no GPU here'],
    ['is none of a launcher', 'no GPU here\nmake: *** [train] Error 1', 'no GPU here'],
    ['is no warning', 'no GPU here\ntrain.py:3: UserWarning: old\n  warnings.warn("old")', 'no GPU here'],
    ['is a warning where there is nothing else', 'UserWarning: old', 'UserWarning: old'],
    [
      'is that of a launcher where there is no other',
      'make: *** [train] Error 127',
      'make: *** [train] Error 127',
    ],
    ['is none of an empty log', '===== Job started at 2026-11-26 10:00:00 =====\n\n---', null],
  ])('%s', (_title, log, line) => {
    expect(lastLineOf(log.split('\n'))).toBe(line)
  })
})
