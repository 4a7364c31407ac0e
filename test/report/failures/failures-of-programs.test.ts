import { describe, expect, test } from '@jest/globals'
import { errorsInLog } from '../../../src/domain/log/errors-in-log.ts'
import { failuresIn, knownFailure } from '../../../src/report/known-failures.ts'
import { uvRuns } from '../../recorded-logs/recorded-logs.ts'
import { reportedLog } from '../../reported-logs/reported-logs.ts'

const failures: readonly [input: string, log: string, cause: RegExp, advice: RegExp][] = [
  [
    'a label out of range',
    reportedLog('device-assert.log'),
    /label that the model has no class for/,
    /number of classes/,
  ],
  [
    'an image for another processor',
    reportedLog('exec-format.log'),
    /another kind of processor/,
    /linux\/amd64/,
  ],
  [
    'a program for another processor',
    'bash: ./train: cannot execute binary file: Exec format error',
    /another kind of processor/,
    /linux\/amd64/,
  ],
  [
    'an argument that argparse does not know',
    reportedLog('argparse.log'),
    /argument that it does not take/,
    /`command`/,
  ],
  [
    'an argument that click does not know',
    'Usage: t.py\nError: No such option: --lr',
    /argument that it does not take/,
    /`command`/,
  ],
  [
    'packages that do not fit, with uv',
    reportedLog('uv-no-solution.log'),
    /no versions of the Python packages/,
    /Correct or loosen/,
  ],
  [
    'packages that do not fit, with pip',
    'ERROR: No matching distribution found for torch==9',
    /no versions of the Python packages/,
    /Correct or loosen/,
  ],
  [
    'a GPU without memory, behind torchrun',
    reportedLog('torchrun-child-failed.log'),
    /GPU is out of memory/,
    /batch_size/,
  ],
  [
    'too little shared memory',
    'RuntimeError: DataLoader worker (pid 12) is killed by signal: Bus error.',
    /shared memory/,
    /workers/,
  ],
  [
    'a machine with an old processor',
    'train.sh: line 1: 12 Illegal instruction (core dumped) python t.py',
    /newer processor/,
    /hardware/,
  ],
  [
    'a GPU without memory, in JAX',
    'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1 byte',
    /GPU is out of memory/,
    /batch_size/,
  ],
  [
    'a GPU without memory, in TensorFlow',
    'tensorflow.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[64,3]',
    /GPU is out of memory/,
    /batch_size/,
  ],
  [
    'a GPU without memory, in CUDA',
    'RuntimeError: CUDA error: out of memory',
    /GPU is out of memory/,
    /batch_size/,
  ],
  [
    'a machine without memory, in numpy',
    'numpy._core._exceptions._ArrayMemoryError: Unable to allocate 12.0 GiB for an array',
    /machine is out of memory/,
    /hardware/,
  ],
  [
    'a machine without memory, in C++',
    "terminate called after throwing an instance of 'std::bad_alloc'",
    /machine is out of memory/,
    /hardware/,
  ],
  [
    'a machine without memory, in Java',
    'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space',
    /machine is out of memory/,
    /hardware/,
  ],
  [
    'a process that the kernel killed, behind torchrun',
    'failed (exitcode: -9) local_rank: 0 (pid: 12) of binary: python',
    /machine is out of memory/,
    /hardware/,
  ],
  [
    'a process that the kernel killed, behind bash',
    'train.sh: line 3: 12 Killed python train.py',
    /machine is out of memory/,
    /hardware/,
  ],
  [
    'a script that is not executable',
    'bash: line 1: ./train.sh: Permission denied',
    /not executable/,
    /chmod/,
  ],
  [
    'a script that is not there',
    "python: can't open file '/app/train.py': [Errno 2] No such file or directory",
    /not where Python looks/,
    /Check its path/,
  ],
  [
    'a module of Node.js that is missing',
    "Error: Cannot find module 'x'",
    /package that the script loads/,
    /Install it/,
  ],
  [
    'a package of R that is missing',
    "Error in library(torch) : there is no package called 'torch'",
    /package that the script loads/,
    /Install it/,
  ],
]

describe.each(failures)('After %s', (_input, log, cause, advice) => {
  const [error = 'no error'] = errorsInLog(log.split('\n'))
  const reason = `The Job failed (Job failed with exit code: 1): ${error}`

  test('the report names the cause and what to do', () => {
    const known = knownFailure({ reason, logTail: log.split('\n') })
    expect(known?.cause).toMatch(cause)
    expect(known?.advice).toMatch(advice)
  })

  test('no other cause would fit as well', () => {
    expect(failuresIn(reason)).toHaveLength(1)
  })
})

test.each(['torchrun-value-error.log', 'exception-group.log'])(
  'No advice is given where the message is not known: %s',
  (name) => {
    const logTail = reportedLog(name).split('\n')
    const reason = `The Job failed: ${errorsInLog(logTail)[0]}`
    expect(knownFailure({ reason, logTail })).toBeNull()
  },
)

const ofUv: readonly [name: string, cause: RegExp, advice: RegExp][] = [
  ['unsatisfiable', /no versions of the Python packages/, /`uv lock --script`/],
  ['no-such-package', /a package that does not exist/, /Check the name/],
  ['no-such-version', /a version that does not exist/, /Check the version/],
  ['requires-python', /no version of Python/, /Set `image`.*`requires-python`/],
  ['python-not-there', /no version of Python/, /Set `image`/],
  ['toml', /header of the script .* is not valid/, /Correct it/],
  ['pep508', /header of the script .* is not valid/, /Correct it/],
  ['not-closed', /header of the script .* is not valid/, /Correct it/],
  ['script-missing', /could not start the script/, /`files`/],
  ['git-unreachable', /from its git repository/, /address and revision/],
  ['no-git', /from its git repository/, /`-slim` image has no git/],
  ['registry-down', /did not answer/, /Re-run the workflow/],
  ['argparse', /argument that it does not take/, /`script-args`/],
  ['argparse-subcommand', /argument that it does not take/, /`script-args`/],
  [
    'module-not-found',
    /the module `numpy` is not installed/,
    /the package that has the module `numpy`.*`files`/,
  ],
  [
    'module-of-another-name',
    /the module `PIL` is not installed/,
    /Add `pillow` to `dependencies` in the header/,
  ],
  ['submodule-not-found', /the module `sklearn` is not installed/, /Add `scikit-learn`/],
  ['stale-lock', /lock file .* older than the header/, /`uv lock --script train.py` .* commit/],
  ['build-fails', /not built for this machine/, /wheel/],
  ['read-only-cache', /read-only/, /UV_CACHE_DIR/],
  ['script-writes-read-only', /read-only/, /Write to `\/tmp`/],
  ['killed', /out of memory/, /`hardware`/],
  ['segfault', /segmentation fault/, /PYTHONFAULTHANDLER/],
]

describe.each(['0.13.9', '0.9.30'] as const)('After uv %s', (version) => {
  const runs = new Map(uvRuns(version).map((run) => [run.name, run]))

  test.each(ofUv)('the report names the cause and what to do: %s', (name, cause, advice) => {
    const { lines = [], exitCode = 0 } = runs.get(name) ?? {}
    const [error] = errorsInLog(lines)
    const reason = `The Job failed (Job failed with exit code: ${exitCode})${error === undefined ? '.' : `: ${error}`}`
    const known = knownFailure({ reason, logTail: lines })
    expect(known?.cause).toMatch(cause)
    expect(known?.advice).toMatch(advice)
    if (!error?.startsWith('ModuleNotFoundError')) expect(failuresIn(reason)).toHaveLength(1)
  })

  test.each(['raises', 'sys-exit-text', 'sys-exit-number', 'syntax-error'])(
    'no advice is given where only the script can say it: %s',
    (name) => {
      const { lines = [], exitCode = 0 } = runs.get(name) ?? {}
      const reason = `The Job failed (Job failed with exit code: ${exitCode}): ${errorsInLog(lines)[0] ?? ''}`
      expect(knownFailure({ reason, logTail: lines })).toBeNull()
    },
  )
})

test('A missing module is advised for by where the script runs', () => {
  const reason = "The Job failed: ModuleNotFoundError: No module named 'cv2'"
  expect(knownFailure({ reason, logTail: [] })?.advice).toContain('Install it in `command`')
  expect(knownFailure({ reason, logTail: [], trainer: 'script' })?.advice).toContain(
    'Add `opencv-python-headless`',
  )
  const logTail = ['Installed 3 packages in 8ms']
  expect(knownFailure({ reason, logTail })?.advice).toContain('Add `opencv-python-headless`')
})

test('A package that cannot be built is not taken for a script that lacks a module', () => {
  const logTail = [
    '   Building flash-attn==2.8.0',
    'error: Failed to build `flash-attn==2.8.0`',
    '  cause: The build backend returned an error',
    '  cause: Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit status: 1)',
    '',
    '         [stderr]',
    '         Traceback (most recent call last):',
    "         ModuleNotFoundError: No module named 'torch'",
  ]
  const reason = `The Job failed: ${errorsInLog(logTail)[0]}`
  expect(reason).toMatch(
    /Failed to build `flash-attn==2\.8\.0`: .*: ModuleNotFoundError: No module named 'torch'$/,
  )
  const known = knownFailure({ reason, logTail, trainer: 'script' })
  expect(known?.cause).toMatch(/could not be built/)
  expect(known?.advice).toContain('`extra-build-dependencies`')
})

test('A private index that refuses access is told from one that does not answer', () => {
  const logTail = [
    'error: Failed to fetch: `http://index/simple/x/`',
    '  cause: HTTP status client error (403 Forbidden) for url (http://index/simple/x/)',
  ]
  const reason = `The Job failed: ${errorsInLog(logTail)[0]}`
  expect(knownFailure({ reason, logTail })?.cause).toMatch(/refuses access/)
})
