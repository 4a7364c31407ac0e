import { closestMatch } from 'leven'
import type { Family } from './facts.ts'

/**
 * What transformers, peft and older versions of AutoTrain call a parameter.
 * https://huggingface.co/docs/transformers/v4.48.0/en/main_classes/trainer#transformers.TrainingArguments
 */
const otherNames: Readonly<Record<string, string>> = {
  bf16: 'mixed_precision',
  eval_steps: 'eval_strategy',
  evaluation_strategy: 'eval_strategy',
  fp16: 'mixed_precision',
  gradient_accumulation_steps: 'gradient_accumulation',
  learning_rate: 'lr',
  load_in_4bit: 'quantization',
  load_in_8bit: 'quantization',
  lr_scheduler: 'scheduler',
  lr_scheduler_type: 'scheduler',
  max_length: 'max_seq_length',
  num_epochs: 'epochs',
  num_train_epochs: 'epochs',
  optim: 'optimizer',
  per_device_train_batch_size: 'batch_size',
  r: 'lora_r',
  train_batch_size: 'batch_size',
  use_int4: 'quantization',
  use_int8: 'quantization',
  use_peft: 'peft',
  warmup_proportion: 'warmup_ratio',
}

/** How far a short name may be from the one that is meant, in edits; a third of a longer one may differ. */
const maxEdits = 2

/**
 * The parameter that a person probably meant.
 *
 * @returns null when none is near
 */
export function nearestName(name: string, family: Family): string | null {
  const known = Object.keys(family)
  const plain = name.toLowerCase().replaceAll('-', '_')
  const other = Object.hasOwn(otherNames, plain) ? otherNames[plain] : undefined
  if (other !== undefined && known.includes(other)) return other
  return closestMatch(plain, known, { maxDistance: Math.max(maxEdits, plain.length / 3) }) ?? null
}
