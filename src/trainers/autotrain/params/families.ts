import { cliTask, type Task } from '../../../domain/tasks.ts'
import { atLeast, type Family, flag, fromZero, type ParamFacts, share, wordOrNone } from './facts.ts'

/**
 * The learning rate schedules that AutoTrain can use. `cosine_with_min_lr` and `warmup_stable_decay` need arguments that
 * it does not pass on.
 * https://huggingface.co/docs/transformers/v4.48.0/en/main_classes/optimizer_schedules#transformers.SchedulerType
 */
const schedulers = [
  'linear',
  'cosine',
  'cosine_with_restarts',
  'polynomial',
  'constant',
  'constant_with_warmup',
  'inverse_sqrt',
  'reduce_lr_on_plateau',
]

/** The optimizers that need no GPU and nothing but AutoTrain's own requirements. */
export const plainOptimizers: readonly string[] = [
  'adamw_torch',
  'adamw_torch_fused',
  'adamw_hf',
  'adafactor',
  'sgd',
  'adagrad',
  'rmsprop',
]

/** The optimizers of bitsandbytes, which AutoTrain installs and which needs CUDA. */
export const cudaOptimizers: readonly string[] = [
  'adamw_bnb_8bit',
  'adamw_8bit',
  'ademamix',
  'ademamix_8bit',
  'lion_32bit',
  'lion_8bit',
  'paged_adamw_32bit',
  'paged_adamw_8bit',
  'paged_ademamix_32bit',
  'paged_ademamix_8bit',
  'paged_lion_32bit',
  'paged_lion_8bit',
  'rmsprop_bnb',
  'rmsprop_bnb_32bit',
  'rmsprop_bnb_8bit',
]

/** The optimizers that need a package or a device which AutoTrain's requirements do not name. */
export const foreignOptimizers: readonly string[] = [
  'adalomo',
  'adamw_anyprecision',
  'adamw_apex_fused',
  'adamw_torch_4bit',
  'adamw_torch_npu_fused',
  'adamw_torch_xla',
  'galore_adafactor',
  'galore_adafactor_layerwise',
  'galore_adamw',
  'galore_adamw_8bit',
  'galore_adamw_8bit_layerwise',
  'galore_adamw_layerwise',
  'grokadamw',
  'lomo',
  'schedule_free_adamw',
  'schedule_free_sgd',
]

const optimizers = [...plainOptimizers, ...cudaOptimizers, ...foreignOptimizers]

/** What every training with the Trainer of transformers has. */
const trainer = (own: { lr: number; epochs: number; batchSize: number; accumulation: number }): Family => ({
  epochs: atLeast(1, own.epochs),
  batch_size: atLeast(1, own.batchSize),
  lr: { type: 'float', fallback: own.lr, range: { min: 0, isAbove: true } },
  warmup_ratio: share(0.1),
  gradient_accumulation: atLeast(1, own.accumulation),
  optimizer: { type: 'str', fallback: 'adamw_torch', words: optimizers },
  scheduler: { type: 'str', fallback: 'linear', words: schedulers },
  weight_decay: fromZero(0),
  max_grad_norm: { type: 'float', fallback: 1 },
  seed: { type: 'int', fallback: 42 },
  logging_steps: atLeast(1, -1, -1),
  auto_find_batch_size: flag,
  mixed_precision: wordOrNone(['fp16', 'bf16']),
  save_total_limit: { type: 'int', fallback: 1 },
  eval_strategy: { type: 'str', fallback: 'epoch', words: ['epoch', 'steps', 'no'] },
})

const small = { lr: 5e-5, epochs: 3, batchSize: 8, accumulation: 1 }
const large = { lr: 3e-5, epochs: 1, batchSize: 2, accumulation: 4 }

const early: Family = {
  early_stopping_patience: atLeast(0, 5),
  early_stopping_threshold: fromZero(0.01),
}
const length: Family = { max_seq_length: atLeast(1, 128) }

/** Low-rank adapters. */
const adapters = (quantization: string, target: ParamFacts['type']): Family => ({
  peft: flag,
  quantization: wordOrNone(['int4', 'int8'], quantization),
  lora_r: atLeast(1, 16),
  lora_alpha: atLeast(1, 32),
  lora_dropout: share(0.05),
  target_modules: { type: target, fallback: 'all-linear' },
})

const imputer = wordOrNone(['median', 'mean', 'most_frequent'])

/**
 * AutoTrain's parameters by the name of their class, without those that keys of the recipe set. The lane `reality`
 * compares them with the real classes.
 * https://github.com/huggingface/autotrain-advanced/tree/main/src/autotrain/trainers (`params.py` of each)
 */
export const families = {
  ImageClassificationParams: { ...trainer(small), ...early },
  ImageRegressionParams: { ...trainer(small), ...early },
  ObjectDetectionParams: {
    ...trainer(small),
    ...early,
    image_square_size: { type: 'Optional[int]', fallback: 600, range: { min: 1 } },
  },
  TextClassificationParams: { ...trainer(small), ...length, ...early },
  TextRegressionParams: { ...trainer(small), ...length, ...early },
  TokenClassificationParams: { ...trainer(small), ...length, ...early },
  ExtractiveQuestionAnsweringParams: {
    ...trainer(small),
    ...length,
    max_doc_stride: atLeast(1, 128),
    ...early,
  },
  SentenceTransformersParams: { ...trainer({ ...small, lr: 3e-5 }), ...length, ...early },
  Seq2SeqParams: {
    ...trainer({ ...small, batchSize: 2 }),
    ...length,
    max_target_length: atLeast(1, 128),
    ...adapters('int8', 'str'),
    ...early,
  },
  LLMTrainingParams: {
    ...trainer(large),
    block_size: { type: 'Union[int, List[int]]', fallback: -1, range: { min: 1, or: -1 } },
    model_max_length: atLeast(1, 2048),
    add_eos_token: { type: 'bool', fallback: true },
    padding: wordOrNone(['left', 'right'], 'right'),
    chat_template: wordOrNone(['chatml', 'zephyr', 'tokenizer']),
    ...adapters('int4', 'Optional[str]'),
    merge_adapter: flag,
    use_flash_attention_2: flag,
    disable_gradient_checkpointing: flag,
    model_ref: { type: 'Optional[str]', fallback: null },
    dpo_beta: fromZero(0.1),
    max_prompt_length: atLeast(1, 128),
    max_completion_length: { type: 'Optional[int]', fallback: null, range: { min: 1 } },
    unsloth: flag,
    distributed_backend: wordOrNone(['ddp', 'deepspeed']),
  },
  VLMTrainingParams: {
    ...trainer(large),
    ...adapters('int4', 'Optional[str]'),
    merge_adapter: flag,
    disable_gradient_checkpointing: flag,
  },
  TabularParams: {
    num_trials: atLeast(1, 10),
    time_limit: atLeast(1, 600),
    seed: { type: 'int', fallback: 42 },
    categorical_columns: { type: 'Optional[List[str]]', fallback: null },
    numerical_columns: { type: 'Optional[List[str]]', fallback: null },
    categorical_imputer: imputer,
    numerical_imputer: imputer,
    numeric_scaler: wordOrNone(['standard', 'minmax', 'robust', 'normal']),
  },
} as const satisfies Record<string, Family>

const classes: Readonly<Record<string, keyof typeof families>> = {
  'image-classification': 'ImageClassificationParams',
  'image-regression': 'ImageRegressionParams',
  'image-object-detection': 'ObjectDetectionParams',
  'text-classification': 'TextClassificationParams',
  'text-regression': 'TextRegressionParams',
  'token-classification': 'TokenClassificationParams',
  'extractive-qa': 'ExtractiveQuestionAnsweringParams',
  seq2seq: 'Seq2SeqParams',
  tabular: 'TabularParams',
  llm: 'LLMTrainingParams',
  'sentence-transformers': 'SentenceTransformersParams',
  vlm: 'VLMTrainingParams',
}

/** The parameters of a task, those that matter most first. */
export function familyOf(task: Task): Family {
  const name = cliTask(task)
  const found = classes[name] ?? classes[name.replace(/[:].*$|(?<=^llm)-.*$/, '')]
  if (found === undefined) throw new Error(`The task ${task} has no parameters.`)
  return families[found]
}

/** One parameter of a task; undefined where the task has none of this name. */
export function paramOf(task: Task, name: string): ParamFacts | undefined {
  const family = familyOf(task)
  return Object.hasOwn(family, name) ? family[name] : undefined
}
