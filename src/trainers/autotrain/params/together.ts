import type { Recipe } from '../../../domain/recipe.ts'
import { inWords } from '../../../domain/text/format.ts'
import { hasGpu, hasTuringGpu } from '../hardware.ts'
import { knownVersion } from '../known-problems.ts'
import { cudaOptimizers, foreignOptimizers, plainOptimizers } from './families.ts'
import { valueIn } from './values.ts'

/** Something about a parameter beside others, or on some hardware. */
interface Finding {
  readonly name: string
  readonly found: string
  /** A sentence. */
  readonly advice: string
}

/** How often the Trainer saves without another setting, in steps. AutoTrain sets none. */
const saveEverySteps = 500

/** What certainly fails on the recipe's hardware. */
export function deviceProblems(recipe: Recipe): Finding[] {
  const { hardware } = recipe
  if (hasGpu(hardware)) return []
  const optimizer = valueIn(recipe, 'optimizer')
  const findings: Finding[] = []
  if (typeof optimizer === 'string' && cudaOptimizers.includes(optimizer)) {
    findings.push({
      name: 'optimizer',
      found: `${optimizer} on ${hardware}`,
      advice:
        `params: optimizer: ${optimizer} needs an NVIDIA GPU, which ${hardware} does not have: ` +
        `use ${inWords(plainOptimizers, 'or')}, or hardware such as t4-small.`,
    })
  }
  if (valueIn(recipe, 'use_flash_attention_2') === true) {
    findings.push({
      name: 'use_flash_attention_2',
      found: `on ${hardware}`,
      advice:
        `params: use_flash_attention_2 needs an NVIDIA GPU, which ${hardware} does not have: remove it, ` +
        'or use hardware such as a10g-small.',
    })
  }
  return findings
}

/** What AutoTrain ignores without a word, or what may fail. */
export function combinationWarnings(recipe: Recipe): Finding[] {
  return [
    ...withoutAdapters(recipe),
    ...turingWarnings(recipe),
    ...evaluationWarnings(recipe),
    ...optimizerWarnings(recipe),
  ]
}

/** Parameters that have no effect unless `peft` is true. */
function withoutAdapters(recipe: Recipe): Finding[] {
  if (valueIn(recipe, 'peft') !== false) return []
  const idle = Object.keys(recipe.params).filter(
    (name) =>
      (/^lora_/.test(name) || ['quantization', 'target_modules', 'merge_adapter'].includes(name)) &&
      ![null, false].includes(valueIn(recipe, name) as null),
  )
  return idle.map((name) => ({
    name,
    found: 'no effect without peft',
    advice: `params: ${name} has no effect unless peft is true: add peft: true, or remove ${name}.`,
  }))
}

/** https://github.com/Dao-AILab/flash-attention#nvidia-cuda-support and https://docs.nvidia.com/cuda/cuda-c-programming-guide/#compute-capabilities */
function turingWarnings(recipe: Recipe): Finding[] {
  const { hardware } = recipe
  if (!hasTuringGpu(hardware)) return []
  const findings: Finding[] = []
  if (valueIn(recipe, 'mixed_precision') === 'bf16') {
    findings.push({
      name: 'mixed_precision',
      found: `bf16 on ${hardware}`,
      advice: `params: mixed_precision: the T4 of ${hardware} computes bf16 only by emulation, slowly: use fp16.`,
    })
  }
  if (valueIn(recipe, 'use_flash_attention_2') === true) {
    findings.push({
      name: 'use_flash_attention_2',
      found: `on ${hardware}`,
      advice:
        `params: use_flash_attention_2 needs a GPU of the generation Ampere or newer, and ${hardware} has a T4: ` +
        'remove it, or use hardware such as a10g-small.',
    })
  }
  return findings
}

function evaluationWarnings(recipe: Recipe): Finding[] {
  const strategy = recipe.params.eval_strategy
  const findings: Finding[] = []
  if (strategy === 'no' && valueIn(recipe, 'early_stopping_patience') !== undefined) {
    findings.push({
      name: 'eval_strategy',
      found: 'no',
      advice: `params: eval_strategy: with validation data ${knownVersion} fails unless it evaluates: use epoch.`,
    })
  }
  const steps = valueIn(recipe, 'logging_steps')
  if (strategy === 'steps' && !(typeof steps === 'number' && steps > 0 && saveEverySteps % steps === 0)) {
    findings.push({
      name: 'eval_strategy',
      found: 'steps',
      advice:
        `params: eval_strategy: with validation data ${knownVersion} evaluates every logging_steps, which must divide ` +
        `${saveEverySteps}: set logging_steps to 25 for example, or use epoch.`,
    })
  }
  if (valueIn(recipe, 'scheduler') === 'reduce_lr_on_plateau') {
    findings.push({
      name: 'scheduler',
      found: 'reduce_lr_on_plateau',
      advice:
        'params: scheduler: reduce_lr_on_plateau fails without validation data: make sure that there is some.',
    })
  }
  return findings
}

function optimizerWarnings(recipe: Recipe): Finding[] {
  const optimizer = valueIn(recipe, 'optimizer')
  if (typeof optimizer !== 'string' || !foreignOptimizers.includes(optimizer)) return []
  return [
    {
      name: 'optimizer',
      found: optimizer,
      advice:
        `params: optimizer: ${optimizer} needs a package or a device that AutoTrain's requirements do not name: ` +
        `use ${inWords(plainOptimizers, 'or')}, or an image that has it.`,
    },
  ]
}
