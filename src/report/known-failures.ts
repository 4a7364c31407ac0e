/** The most likely cause of a failure and what to do about it, both as trusted Markdown. */
export interface KnownFailure {
  readonly cause: string
  readonly advice: string
}

interface Known extends KnownFailure {
  /** Matches the other software's message: there is only prose, no error code. */
  readonly pattern: RegExp
}

/** Messages of the Hub and its client. https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/errors.py */
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
    cause: 'the base model or a dataset is gated, and the account of `hf-token` has no access to it.',
    advice:
      'Request access on its page with that account. If the token is fine-grained, give it read access to public gated ' +
      'repositories. Then re-run the workflow.',
  },
  {
    pattern:
      /(?:don't|do not) have the rights to create|Forbidden: pass `create_pr=1`|\b403\b.{0,300}(?:repos\/create|preupload|\/commit\/|\/upload)|(?:repos\/create|preupload|\/commit\/).{0,300}\b403\b/is,
    cause: '`hf-token` cannot write models to the target namespace.',
    advice:
      'Give the token write access to the repositories of `target-namespace`, or set `target-namespace` to an account ' +
      'it can write to.',
  },
  {
    pattern: /\b409 Client Error|You already created this model repo/i,
    cause: 'a model with that name already exists.',
    advice: 'Re-run the workflow: the next attempt uses a free name.',
  },
  {
    pattern: /Invalid user token|Invalid credentials in Authorization header|\b401 Client Error/i,
    cause: '`hf-token` is wrong, expired or revoked.',
    advice:
      'Create a new token on [the token page](https://huggingface.co/settings/tokens) and store it as the secret of the ' +
      'repository.',
  },
  {
    pattern: /is not a local folder and is not a valid model identifier/i,
    cause: 'the model named in `input-model` does not exist, or `hf-token` cannot read it.',
    advice: 'Check the spelling of `input-model`, and that the token can read the model.',
  },
  {
    pattern: /DatasetNotFoundError|DataFilesNotFoundError|EmptyDatasetError|couldn't find any data file/i,
    cause: 'the training could not read the dataset, or found no data in it.',
    advice:
      'Check that `hf-token` can read the dataset, and that `load_dataset` finds its files (the viewer on the ' +
      "dataset's page shows whether it does).",
  },
  {
    pattern: /\b429\b.{0,40}(?:Client Error|Too Many Requests)|rate limit/i,
    cause: 'the Hub is rate limiting this account.',
    advice: 'Wait a few minutes, then re-run the workflow. A lower `max-runs-per-day` helps to avoid this.',
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
    advice: 'Check the name and tag of `image`, and that it is public.',
  },
  {
    pattern: /No space left on device/i,
    cause: 'the disk is full.',
    advice: 'Keep fewer checkpoints (`save_total_limit`), or choose `hardware` with a larger disk.',
  },
  {
    pattern: /(?:command|[\w./-]{1,100}): (?:command )?not found|exit code 127/i,
    cause: 'a program that `command` calls is not installed where the training runs.',
    advice: 'Check `command` for typos, and that `image` (or the runner) has every program it calls.',
  },
]

/** Messages of PyTorch (https://pytorch.org/docs/stable/notes/faq.html) and the kernel. */
const fromTheMachine: readonly Known[] = [
  {
    pattern: /CUDA out of memory|OutOfMemoryError|CUBLAS_STATUS_ALLOC_FAILED|HIP out of memory/i,
    cause: 'the GPU is out of memory.',
    advice:
      'Set a smaller `batch_size` in `params` (and a larger `gradient_accumulation` to compensate), use ' +
      '`mixed_precision: fp16`, or choose `hardware` with more memory.',
  },
  {
    pattern:
      /OOMKilled|exit code 137|\bSIGKILL\b|Cannot allocate memory|can't allocate memory|MemoryError|^Killed$/im,
    cause: 'the machine is out of memory.',
    advice: 'Choose `hardware` with more memory, or load less data at a time.',
  },
  {
    pattern: /no CUDA-capable device|Found no NVIDIA driver|not compiled with CUDA/i,
    cause: 'the training needs a GPU, and its machine has none.',
    advice: 'Choose `hardware` with a GPU, such as `t4-small`.',
  },
  {
    pattern:
      /Temporary failure in name resolution|Max retries exceeded with url|ECONNRESET|Connection reset by peer/i,
    cause: 'the network connection failed.',
    advice: 'Re-run the workflow.',
  },
]

/** https://github.com/huggingface/autotrain-advanced, https://github.com/huggingface/datasets and Python. */
const fromTheTrainer: readonly Known[] = [
  {
    pattern:
      /column\W.{0,100}(?:not (?:found|in|present)|does not exist|doesn't exist)|KeyError: '(?:\w*_)?(?:image|label|labels|text|target|tokens|tags|column|question|answers?|context)'/i,
    cause: 'the dataset lacks a column named in `column-mapping`.',
    advice:
      "Set `column-mapping` to the names of the dataset's columns, as the viewer on its page shows them.",
  },
  {
    pattern: /Unknown split|Bad split|Invalid split/i,
    cause: 'the dataset lacks the split named in `train-split` or `valid-split`.',
    advice: 'Set them to splits that the dataset has, then run the workflow again.',
  },
  {
    pattern:
      /Number of classes in (?:train|valid)|(?:at least|less than) (?:2|two) classes|is not a ClassLabel/i,
    cause: 'the labels cannot be trained on: AutoTrain needs at least two classes, the same in every split.',
    advice: 'Check the column that `target_column` names.',
  },
  {
    pattern: /UnidentifiedImageError|cannot identify image file|image file is truncated/i,
    cause: 'a file in the dataset is not a readable image.',
    advice:
      'Check the changed files for ones that are empty, truncated or in another format than their name says, and ' +
      'upload them again: the next commit trains again.',
  },
  {
    pattern: /ModuleNotFoundError|ImportError: cannot import/i,
    cause: 'a Python package is missing, or has another version than the script expects.',
    advice: 'Install it in `command`, or use an `image` that has it.',
  },
]

/** The more specific causes come first: a full memory often ends in a lost connection. */
const known = [
  ...fromTheMachine.slice(0, 3),
  ...fromTheHub,
  ...fromJobs,
  ...fromTheTrainer,
  ...fromTheMachine.slice(3),
]

/** Only the end of a log is searched, where the cause usually is: at most so many lines and characters. */
const maxLines = 400
const maxSearched = 60_000

/**
 * Finds the likely cause of a failed run.
 *
 * @param options.reason one sentence
 * @param options.logTail the last lines of its log
 * @returns null when no known failure matches
 */
export function knownFailure(options: { reason: string; logTail: readonly string[] }): KnownFailure | null {
  const log = options.logTail.slice(-maxLines).map((line) => line.slice(0, 4000))
  const searched = `${options.reason.slice(0, 4000)}\n${log.join('\n').slice(-maxSearched)}`
  const found = known.find(({ pattern }) => pattern.test(searched))
  return found === undefined ? null : { cause: found.cause, advice: found.advice }
}
