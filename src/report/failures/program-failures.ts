import type { Failure } from './failure.ts'

/** Messages of programs and package managers that are no exceptions of Python, and of CUDA. */
export const programFailures: readonly Failure[] = [
  {
    // https://docs.pytorch.org/docs/stable/notes/cuda.html#asynchronous-execution
    pattern:
      /device-side assert triggered|Assertion `(?:t >= 0 && t < n_classes|srcIndex < srcSelectDimSize)|Assertion `.{1,200}index out of bounds"/,
    cause:
      'a number is out of range on the GPU: usually a label that the model has no class for, or a token that its ' +
      'vocabulary lacks.',
    advice:
      'Check that the labels are 0 to one less than the number of classes of the model, and that the tokenizer belongs to ' +
      'the model. With `CUDA_LAUNCH_BLOCKING=1` in `command`, the traceback names the right line.',
  },
  {
    // https://docs.docker.com/build/building/multi-platform/
    pattern: /\bexec format error\b/i,
    cause: 'the image, or a program in it, is built for another kind of processor.',
    advice:
      'Use an `image` for `linux/amd64`: build it with `docker build --platform linux/amd64`. A script of your own needs a ' +
      'first line such as `#!/bin/sh`.',
  },
  {
    // https://docs.python.org/3/library/argparse.html#exiting-methods, https://click.palletsprojects.com/en/stable/exceptions/
    pattern:
      /\berror: (?:unrecognized arguments: |the following arguments are required: |argument .{1,200}: |ambiguous option: )|\bNo such option: |\bMissing (?:option|argument) '|\bunexpected argument '.{1,200}' found/,
    cause: 'a program was given an argument that it does not take, or lacks one that it needs.',
    advice:
      'Correct the arguments in `command` or `script-args`: the usage line in the log names those that the program takes. They differ ' +
      'between versions.',
  },
  {
    // https://docs.astral.sh/uv/concepts/resolution/, https://pip.pypa.io/en/stable/topics/dependency-resolution/
    pattern:
      /No solution found when resolving(?!.{0,2000}\b(?:was not found in the package registry|there (?:is no version of|are no versions of)) )|No matching distribution found for|\bResolutionImpossible\b|Could not find a version that satisfies the requirement/,
    cause: 'no versions of the Python packages fit what is asked for, each other and this version of Python.',
    advice:
      'Correct or loosen the versions that the message names, where the script or `command` asks for them, or use an ' +
      '`image` with another version of Python. For the header of a script, `uv lock --script` shows it without a Job.',
  },
  {
    // https://github.com/pytorch/pytorch#docker-image
    pattern: /\bBus error\b|\bexit code:? 135\b|\bout of shared memory\b|\binsufficient shared memory\b/i,
    cause: 'the processes that load the data ran out of shared memory.',
    advice: 'Load the data in the main process: set the number of workers of the data loader to 0.',
  },
  {
    // https://www.tensorflow.org/install/pip#hardware-requirements
    pattern: /\bIllegal instruction\b|\bexit code:? 132\b/,
    cause: 'a package or program is built for a newer processor than the machine has.',
    advice: 'Choose other `hardware`, or install a build for older processors in `command`.',
  },
  {
    // 139 is 128 + SIGSEGV. https://docs.python.org/3/library/faulthandler.html
    pattern: /\bSegmentation fault\b|\bSIGSEGV\b|\bexit code:? 139\b/,
    cause: 'a package with compiled code crashed (segmentation fault).',
    advice:
      'Use versions of the packages that are built for each other and for the image. With `PYTHONFAULTHANDLER=1` in the ' +
      'environment, the log shows where it happened.',
  },
  {
    // https://man7.org/linux/man-pages/man3/errno.3.html
    pattern: /\bRead-only file system\b/i,
    cause: 'the training writes to a folder that is mounted read-only, as the dataset and the code are.',
    advice:
      'Write to `/tmp` instead. For uv, set `UV_CACHE_DIR=/tmp/uv` and `UV_PROJECT_ENVIRONMENT=/tmp/venv`.',
  },
  {
    // https://www.gnu.org/software/bash/manual/bash.html#Exit-Status
    pattern: /(?:^|[\s/])(?:ba|da|z)?sh: (?:line )?(?:\d+: )?\S{1,200}: Permission denied$/m,
    cause: 'a script that `command` starts is not executable, or a file cannot be written.',
    advice: 'Start the script with its interpreter (`bash train.sh`), or make it executable with `chmod +x`.',
  },
  {
    // https://docs.python.org/3/using/cmdline.html#cmdoption-arg-script
    pattern: /: can't open file '?.{1,300}\[Errno 2\]/,
    cause: 'the script that `command` starts is not where Python looks for it.',
    advice:
      'Check its path. A Job has the files of its image and its dataset only: fetch the script in `command`. On the ' +
      'runner, put `actions/checkout` before this action.',
  },
  {
    // https://nodejs.org/api/errors.html#module_not_found, https://docs.julialang.org/en/v1/manual/code-loading/
    pattern:
      /Cannot find (?:module|package) '|there is no package called|Package \S{1,100} not found in current path/,
    cause: 'a package that the script loads is not installed where the training runs.',
    advice: 'Install it in `command`, or use an `image` that has it.',
  },
]
