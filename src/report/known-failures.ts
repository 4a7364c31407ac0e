/** What most likely went wrong, and what to do about it; both Markdown of ours. */
export interface KnownFailure {
  readonly cause: string
  readonly advice: string
}

interface Known extends KnownFailure {
  /** What the other side writes; there is nothing but prose to go by. */
  readonly pattern: RegExp
}

/** The Hub's and its client's words. https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/errors.py */
const fromTheHub: readonly Known[] = [
  {
    pattern:
      /NO_CREDITS|\b402 Client Error|answered 402|Payment Required|(?:insufficient|no|not enough|pre-?paid) credits?\b/i,
    cause: 'the account that pays for the training has no credits left.',
    advice:
      'Add credits on [the billing page](https://huggingface.co/settings/billing) of that account or organisation, ' +
      'then re-run the workflow.',
  },
  {
    pattern: /GatedRepo|gated repo|\bis gated\b|awaiting a review from the repo authors/i,
    cause: 'the base model, or a dataset, is gated, and the account of `hf-token` has not been let in.',
    advice:
      'Ask for access on its page with that account, and give a fine-grained token read access to public gated ' +
      'repositories; then re-run the workflow.',
  },
  {
    pattern:
      /(?:don't|do not) have the rights to create|Forbidden: pass `create_pr=1`|\b403\b.{0,300}(?:repos\/create|preupload|\/commit\/|\/upload)|(?:repos\/create|preupload|\/commit\/).{0,300}\b403\b/is,
    cause: '`hf-token` may not write models in the target namespace.',
    advice:
      'Give the token write access to the repositories of `target-namespace`, or set `target-namespace` to an account ' +
      'that it may write to.',
  },
  {
    pattern: /\b409 Client Error|You already created this model repo/i,
    cause: 'a model of that name was there already.',
    advice: 'Re-run the workflow: the next attempt takes a name that is free.',
  },
  {
    pattern: /Invalid user token|Invalid credentials in Authorization header|\b401 Client Error/i,
    cause: '`hf-token` is wrong, expired or revoked.',
    advice:
      'Make a new token on [the token page](https://huggingface.co/settings/tokens) and store it as the secret of the ' +
      'repository.',
  },
  {
    pattern: /is not a local folder and is not a valid model identifier/i,
    cause: 'there is no model of the name of `input-model`, or `hf-token` may not read it.',
    advice: 'Check the spelling of `input-model`, and whether the token may read it.',
  },
  {
    pattern: /DatasetNotFoundError|DataFilesNotFoundError|EmptyDatasetError|couldn't find any data file/i,
    cause: 'the training could not read the dataset, or found no data in it.',
    advice:
      'Check that `hf-token` may read the dataset, and that `load_dataset` finds its files (the viewer on the ' +
      "dataset's page shows whether it does).",
  },
  {
    pattern: /\b429\b.{0,40}(?:Client Error|Too Many Requests)|rate limit/i,
    cause: 'the Hub limits how often this account may ask.',
    advice:
      'Wait some minutes, then re-run the workflow; fewer runs a day (`max-runs-per-day`) keep it away.',
  },
]

/** https://huggingface.co/docs/huggingface_hub/guides/jobs */
const fromJobs: readonly Known[] = [
  {
    pattern: /Job timeout|(?:reached|exceeded|over) (?:its|the) (?:timeout|time limit)|timed out after/i,
    cause: 'the training took longer than `timeout` allows.',
    advice: 'Raise `timeout` (and `max-cost` with it), train for fewer epochs, or choose faster `hardware`.',
  },
  {
    pattern: /ImagePullBackOff|ErrImagePull|manifest (?:unknown|for .{1,200} not found)|pull access denied/i,
    cause: 'the Docker image cannot be pulled.',
    advice: 'Check the name and the tag of `image`, and that it is public.',
  },
  {
    pattern: /No space left on device/i,
    cause: 'the disk is full.',
    advice: 'Keep fewer checkpoints (`save_total_limit`), or choose `hardware` with a larger disk.',
  },
  {
    pattern: /(?:command|[\w./-]{1,100}): (?:command )?not found|exit code 127/i,
    cause: 'a command is not there where the training runs.',
    advice: 'Check `command` for typing errors, and that `image` (or the runner) has every program it calls.',
  },
]

/** https://pytorch.org/docs/stable/notes/faq.html and the kernel. */
const fromTheMachine: readonly Known[] = [
  {
    pattern: /CUDA out of memory|OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED|HIP out of memory/i,
    cause: 'the memory of the GPU is full.',
    advice:
      'Set a smaller `batch_size` in `params` (with `gradient_accumulation` to make up for it), use ' +
      '`mixed_precision: fp16`, or choose `hardware` with more memory.',
  },
  {
    pattern:
      /OOMKilled|exit code 137|\bSIGKILL\b|Cannot allocate memory|can't allocate memory|MemoryError|^Killed$/im,
    cause: 'the machine has not enough memory.',
    advice: 'Choose `hardware` with more memory, or read less of the data at a time.',
  },
  {
    pattern: /no CUDA-capable device|Found no NVIDIA driver|not compiled with CUDA/i,
    cause: 'the training wants a GPU, and its machine has none.',
    advice: 'Choose `hardware` with a GPU, such as `t4-small`.',
  },
  {
    pattern:
      /Temporary failure in name resolution|Max retries exceeded with url|ECONNRESET|Connection reset by peer/i,
    cause: 'the network failed on the way.',
    advice: 'Re-run the workflow.',
  },
]

/** https://github.com/huggingface/autotrain-advanced, https://github.com/huggingface/datasets and Python. */
const fromTheTrainer: readonly Known[] = [
  {
    pattern:
      /column\W.{0,100}(?:not (?:found|in|present)|does not exist|doesn't exist)|KeyError: '(?:\w*_)?(?:image|label|labels|text|target|tokens|tags|column|question|answers?|context)'/i,
    cause: 'the dataset has no column of a name in `column-mapping`.',
    advice:
      "Set `column-mapping` to the names of the dataset's columns, as the viewer on its page shows them.",
  },
  {
    pattern: /Unknown split|Bad split|Invalid split/i,
    cause: 'the dataset has no split of the name in `train-split` or `valid-split`.',
    advice: 'Set them to splits that the dataset has.',
  },
  {
    pattern:
      /Number of classes in (?:train|valid)|(?:at least|less than) (?:2|two) classes|is not a ClassLabel/i,
    cause:
      'the labels are not fit to learn from: AutoTrain needs at least two classes, the same in every split.',
    advice: 'Check the column that `target_column` names.',
  },
  {
    pattern: /UnidentifiedImageError|cannot identify image file|image file is truncated/i,
    cause: 'a file of the dataset is no image that can be read.',
    advice:
      'Look for files among the changed ones that are empty, cut off or of another format than their name says, and ' +
      'upload them anew: the next commit trains again.',
  },
  {
    pattern: /ModuleNotFoundError|ImportError: cannot import/i,
    cause: 'a Python package is missing, or of another version than the script expects.',
    advice: 'Install it in `command`, or use an `image` that has it.',
  },
]

/** The parts that are more telling come first: a full memory often ends in a lost connection. */
const known = [
  ...fromTheMachine.slice(0, 3),
  ...fromTheHub,
  ...fromJobs,
  ...fromTheTrainer,
  ...fromTheMachine.slice(3),
]

/** The end of a log is where the cause stands. */
const maxLines = 400
const maxSearched = 60_000

/**
 * Looks for a known cause in what a failed run left behind.
 *
 * @param options.reason one sentence
 * @param options.logTail the last lines of its log
 * @returns null when none fits
 */
export function knownFailure(options: { reason: string; logTail: readonly string[] }): KnownFailure | null {
  const log = options.logTail.slice(-maxLines).map((line) => line.slice(0, 4000))
  const searched = `${options.reason.slice(0, 4000)}\n${log.join('\n').slice(-maxSearched)}`
  const found = known.find(({ pattern }) => pattern.test(searched))
  return found === undefined ? null : { cause: found.cause, advice: found.advice }
}
