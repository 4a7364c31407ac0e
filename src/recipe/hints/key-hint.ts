import { closestMatch } from 'leven'

/** What AutoTrain's config files, other services and the inputs of this action call a key. */
const otherNames: Readonly<Record<string, string>> = {
  accelerator: 'hardware',
  backend: 'hardware',
  budget: 'max_cost',
  data: 'input_dataset',
  dataset_name: 'input_dataset',
  docker_image: 'image',
  eval_split: 'valid_split',
  flavor: 'hardware',
  gpu: 'hardware',
  hub: 'target_namespace',
  ignore_paths: 'paths_ignore',
  metric: 'compare_metric',
  model_name: 'input_model',
  name: 'autotrain_project_prefix',
  organization: 'target_namespace',
  project_name: 'autotrain_project_prefix',
  script: 'command',
  time_limit: 'timeout',
  username: 'target_namespace',
  validation_split: 'valid_split',
}

/** Parameters that people set beside the keys. */
const commonParams = [
  'batch_size',
  'epochs',
  'learning_rate',
  'lr',
  'max_seq_length',
  'mixed_precision',
  'num_train_epochs',
  'optimizer',
  'peft',
  'quantization',
  'scheduler',
  'seed',
  'warmup_ratio',
  'weight_decay',
]

/** The inputs of the action that are no keys of a recipe. */
export const settingNames = [
  'hf-token',
  'webhook-secret',
  'webhook-secret-previous',
  'github-token',
  'training-token',
  'config',
  'publish-revision',
  'revision',
  'dry-run',
  'force',
  'max-age',
  'allow-plain-secret',
] as const

/**
 * Says what to do about a key that a config file may not have.
 *
 * @param known the keys that it may have
 * @returns the end of a sentence after "is unknown:"
 */
export function keyHint(key: string, known: readonly string[]): string {
  const plain = key.toLowerCase().replaceAll('-', '_')
  const setting = settingNames.find((name) => name.replaceAll('-', '_') === plain)
  if (setting !== undefined) return `it is an input of the action: set ${setting} in the workflow, under with`
  const other = Object.hasOwn(otherNames, plain) ? otherNames[plain] : undefined
  if (other !== undefined && known.includes(other)) return `did you mean "${other}"?`
  if (commonParams.includes(plain)) return 'it is a parameter of the training: put it under "params"'
  const nearest =
    known.find((name) => name.endsWith(`_${key}`)) ??
    closestMatch(key, known, { maxDistance: Math.max(3, key.length / 2) })
  return nearest === undefined ? `the known keys are ${known.join(', ')}` : `did you mean "${nearest}"?`
}
