import type { Failure } from './failure.ts'

/**
 * Messages of the Hub and of its Python clients.
 * https://github.com/huggingface/huggingface_hub/blob/main/src/huggingface_hub/utils/_http.py
 * https://github.com/huggingface/transformers/blob/main/src/transformers/utils/hub.py
 */
export const hubFailures: readonly Failure[] = [
  {
    pattern:
      /NO_CREDITS|\b402 Client Error|answered 402|Payment Required|(?:insufficient|no|not enough|pre-?paid) credits?\b/i,
    cause: 'the account that pays for the training has no credits left.',
    advice:
      'Add credits on [the billing page](https://huggingface.co/settings/billing) of that account or organisation, ' +
      'then re-run the workflow.',
  },
  {
    // The client mentions gated repositories also where it found none: "a private or gated repo".
    pattern:
      /Cannot access gated repo|trying to access a gated repo|\bis (?:a )?gated\b|awaiting a review from the repo authors/i,
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
    pattern:
      /Invalid user token|Invalid username or password|Invalid credentials in Authorization header|\b401 Client Error: /i,
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
    pattern: /Repository Not Found for url(?!.{0,500}Invalid credentials)/is,
    cause: 'a model or dataset that the training reads does not exist, or `hf-token` cannot read it.',
    advice:
      'The message has its address. Check the spelling of the name, and that the token can read the repository.',
  },
  {
    pattern: /\b404 Client Error: Not Found|\b(?:Entry|Revision) Not Found for url|EntryNotFoundError/i,
    cause: 'a file that the training reads is not on the Hub.',
    advice: 'The message has its address. Check the names of the model, the dataset and their files.',
  },
  {
    pattern: /does not appear to have a file named|\bis not a valid git identifier\b/i,
    cause: 'the repository of `input-model` lacks a file that the training needs.',
    advice:
      'Use a base model with weights, a config and a tokenizer or image processor in the format of transformers.',
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
  {
    pattern: /\b5\d\d Server Error\b/i,
    cause: 'the Hub had an error of its own.',
    advice:
      'Check [the status of the Hub](https://status.huggingface.co), then re-run the workflow once it works again.',
  },
  {
    // Only where the reason has no error behind it, which says more.
    pattern: /\bthe push (?:of its model to the Hub )?failed(?: \([^()]{0,200}\))?\.$/,
    cause: 'the model was trained, but could not be pushed to the Hub.',
    advice:
      'See the log of the training. Check that `hf-token` can write models to `target-namespace`, and ' +
      '[the status of the Hub](https://status.huggingface.co), then run the workflow again.',
  },
  {
    // `evaluate` looks for the code of a metric in a folder first, and on the Hub then.
    pattern: /Couldn't find a module script at/i,
    cause: 'the code of a metric, which the task loads from the Hub when it starts, could not be read.',
    advice:
      'Re-run the workflow. The task `seq2seq` needs the Space `evaluate-metric/rouge`, besides the model and the dataset.',
  },
  {
    pattern: /trust_remote_code=True/,
    cause: 'the base model or the dataset has code of its own, which is not run: it would get `hf-token`.',
    advice:
      'Use a base model that transformers has the code for. If you trust the code, use `trainer: job` with ' +
      '`command: ALLOW_REMOTE_CODE=true autotrain ...`.',
  },
]
