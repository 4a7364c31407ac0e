/** What only says that a program failed, or that a process lost another one: the cause stands above. */
const passesOn: readonly RegExp[] = [
  // accelerate and scripts that start Python
  /^subprocess\.CalledProcessError: Command .*(?:python|accelerate|torchrun|deepspeed|autotrain|uv\b|bash|sh\b).* returned non-zero exit status/,
  /\bdied with <Signals\.SIGTERM\b/,
  // torchrun: https://pytorch.org/docs/stable/elastic/errors.html
  /\bChildFailedError\b/,
  /\bProcess(?:Raised|Exited)Exception\b/,
  /\bfailed \(exitcode: -?\d+\)/,
  /\bSignalException\b|\bgot signal: (?:15|2)\b/,
  // DeepSpeed: https://github.com/deepspeedai/DeepSpeed/blob/master/deepspeed/launcher/launch.py
  /\bexits with return code = -?\d+$/,
  /\bRayTaskError\b|\bray\.train\.base_trainer\.TrainingFailedError\b|\bray\.tune\.error\.TuneError\b/,
  // Horovod and pdsh
  /\bHorovod detected that one or more processes exited\b|^pdsh@\S{1,100}: /,
  // A process that lost another one: https://docs.pytorch.org/docs/stable/distributed.html
  /\bDist(?:Backend|Network|Store)Error\b|\bnccl(?:Remote|System|Internal|UnhandledCuda)Error\b/,
  /\bConnection closed by peer\b|\bWatchdog caught collective operation timeout\b/,
  /\bDatasetGenerationError\b/,
  // What a launcher sends to a program that it ends
  /^KeyboardInterrupt\b/,
  /^(?:SystemExit|(?:click|typer)\.exceptions\.Exit)\b/,
  // A group of exceptions has its causes inside.
  /^[\w.]+: .*\(\d+ sub-exceptions?\)$/,
  // Programs that run others
  /^make(?:\[\d+\])?: \*\*\* |^just: |^error: Recipe .* failed|^task: Failed to run task|^poe: /,
  /^npm (?:ERR!|error) (?:code|errno|path|command|signal|syscall|workspace|location|A complete log|Failed at|This is probably|Exit status|Lifecycle script|\S+@\S+ \w+: )/,
  /\bELIFECYCLE\b|^error Command failed\b|^error: script .* exited with\b/,
  /\bconda\.cli\.main_run\b|^`?conda run .* failed\b|\(See above for error\)$/,
  /^collect2: error: ld returned|^RuleException:$|^CalledProcessError in file |\binvoke\.exceptions\.UnexpectedExit\b/,
  /^xargs: .*: (?:exited with status|terminated by signal)/,
  /^srun: error: .*: (?:Exited with exit code|Terminated)|^slurmstepd: error: \*\*\* (?!.*\bDUE TO\b)/,
  /^Primary job +terminated normally|^(?:mpirun|mpiexec|prterun) (?:detected|noticed) that\b|^MPI_ABORT was invoked\b/,
  /^(?:Error: )?(?:The )?[Pp]rocess .{0,200}(?:completed|exited|failed) with exit code\b|^Error: Command failed(?: with exit code \d+)?\b/,
  /^(?:The )?command .{0,200} returned a non-zero code\b/,
]

/** What the parts of torch that connect processes say of another one: both patterns match. */
const lostProcess = [
  /\b(?:NCCL|gloo|TCPStore|c10d|ProcessGroup\w{0,20})\b|\/gloo\//i,
  /\bpeer\b|timed? ?out|\baborted\b|Broken pipe|failed or/i,
] as const

/** The rest of a longer line is not looked at, in characters. */
const maxLength = 2000

/** A signal that killed a program, which then prints nothing itself: what its launcher says of it is the cause. */
const killed: readonly RegExp[] = [
  /\bdied with <Signals\.SIG(?!TERM\b|INT\b)/,
  /\bfailed \(exitcode: -(?:4|6|7|8|9|11)\)/,
  /\bexits with return code = -(?:4|6|7|8|9|11)$/,
  /\btraceback : Signal (?!15\b|2\b)\d+ /,
  /\bexited on signal (?!15\b|2\b)\d+\b/,
  /\bterminated by signal (?!15\b|2\b)\d+\b/,
  /\bKilled\b|\b(?:Segmentation fault|Bus error|Illegal instruction)\b/,
]

/** Whether a line says that a signal killed a program. SIGTERM and SIGINT do not count: launchers send them to the rest. */
export function saysKilled(line: string): boolean {
  return killed.some((pattern) => pattern.test(line))
}

/** Whether an error only passes on that another one happened. */
export function onlyPassesOn(error: string): boolean {
  const text = error.slice(0, maxLength)
  if (saysKilled(text)) return false
  return passesOn.some((pattern) => pattern.test(text)) || lostProcess.every((pattern) => pattern.test(text))
}
