import type { Check, CheckVerdict } from '../../../domain/plan/checks.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import { isLanguageModel, type Task, tableKind } from '../../../domain/tasks.ts'
import { cutText } from '../../../domain/text/cut.ts'
import { knownVersion } from '../known-problems.ts'
import { type AutoClass, modelTypes, nativeTypes, transformersVersion } from './model-types.ts'

/** What is known of a base model. */
interface BaseModel {
  readonly recipe: Recipe
  /** Its parsed config.json: any value; null where it could not be read, or there is none. */
  readonly config: unknown
  /** The paths of its files; null where they are not known. */
  readonly files?: readonly string[] | null
}

/** What a look at a base model found. */
interface Found {
  readonly verdict: CheckVerdict
  readonly found: string
  readonly advice: string | null
}

/**
 * Checks whether AutoTrain can fine-tune a base model for the task of a recipe, by its config.json and the names of its
 * files. Only what certainly fails is refused; an image of the recipe may have another transformers, so that there it
 * is a warning. A model type that is not known here is unknown.
 * https://huggingface.co/docs/transformers/v4.48.0/en/model_doc/auto
 *
 * @returns null where no model of the Hub is fine-tuned
 */
export function modelKindCheck({ recipe, config, files = null }: BaseModel): Check | null {
  const { trainer, task, image } = recipe
  if (trainer !== 'autotrain' || tableKind(task) !== null) return null
  const found = look({ recipe, config, files })
  const verdict = found.verdict === 'refused' && image !== null ? 'warned' : found.verdict
  return { id: 'base-model-kind', title: `Base model fits ${task}`, ...found, verdict }
}

function look({ recipe, config, files = null }: BaseModel): Found {
  const map = recordOf(config)
  if (map === null) return withoutConfig(recipe, files)
  const weights = weightsProblem(recipe, files)
  if (weights !== null) return weights
  const type = typeof map.model_type === 'string' ? map.model_type : null
  const { task } = recipe
  if (task.startsWith('vlm:')) return vision(recipe, map)
  const codeClasses = Object.keys(recordOf(map.auto_map) ?? {})
  const wanted = autoClass(task)
  if (codeClasses.length > 0 && !(type !== null && wanted !== null && modelTypes[wanted].has(type))) {
    return ownCode(recipe, { type, wanted, codeClasses })
  }
  if (type === null) return unknown('no model_type in its config.json')
  if (!nativeTypes.has(type)) {
    return unknown(
      cutText(type, 60),
      `${transformersVersion}, which ${knownVersion} pins, does not know the model type ${cutText(type, 60)}: ` +
        'choose an older model if the training fails, or set image to one with a newer transformers.',
    )
  }
  const fits = wanted === null ? !isImageOnly(type) : modelTypes[wanted].has(type)
  return fits ? { verdict: 'passed', found: nameOf(map, type), advice: null } : otherKind(recipe, map, type)
}

/** A repository without config.json: AutoTrain reads that file first. */
function withoutConfig({ task, inputModel }: Recipe, files: readonly string[] | null): Found {
  if (files === null || files.includes('config.json') || files.some(isTimm)) {
    return unknown('its config.json could not be read')
  }
  if (task.startsWith('sentence-transformers:')) return unknown('no config.json')
  const what = files.includes('adapter_config.json')
    ? 'has only an adapter (PEFT)'
    : files.some((path) => path.endsWith('.gguf'))
      ? 'has only GGUF files'
      : files.includes('model_index.json')
        ? 'is a pipeline of diffusers'
        : 'has no config.json'
  return refused(
    what,
    `input-model: ${inputModel} ${what}, and AutoTrain needs a whole model of transformers with a config.json: ${choose(task)}`,
  )
}

/** A description of a model of timm without the usual config.json. https://huggingface.co/docs/timm/hf_hub */
const isTimm = (path: string) => path === 'pretrained_cfg.json'

/** A model whose weights are in a format that AutoTrain does not load. */
function weightsProblem({ task, inputModel }: Recipe, files: readonly string[] | null): Found | null {
  if (
    files === null ||
    files.some((path) => /\.(?:safetensors|bin|h5|msgpack|pt|pth|ckpt)(?:\.index\.json)?$/.test(path))
  ) {
    return null
  }
  if (!files.some((path) => /\.(?:gguf|onnx|tflite|mlmodel|mlpackage)$/.test(path))) return null
  return refused(
    'no weights that AutoTrain loads',
    `input-model: ${inputModel} has its weights only in a format for inference, such as GGUF or ONNX, and AutoTrain loads ` +
      `safetensors or PyTorch files: ${choose(task)}`,
  )
}

/** AutoTrain itself asks for this architecture. https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/trainers/vlm/utils.py */
const visionArchitecture = 'PaliGemmaForConditionalGeneration'

function vision(recipe: Recipe, map: Record<string, unknown>): Found {
  const names = architectures(map)
  if (names.length === 0) return unknown('no architectures in its config.json')
  const fits = names.includes(visionArchitecture)
  return fits ? { verdict: 'passed', found: visionArchitecture, advice: null } : otherKind(recipe, map, '')
}

/** AutoTrain reads the config of these tasks without the permission to run a model's code. */
const withoutTrust: readonly Task[] = ['text-classification', 'token-classification']

/** A model that brings its own code. https://huggingface.co/docs/transformers/v4.48.0/en/custom_models */
function ownCode(
  { task, inputModel }: Recipe,
  {
    type,
    wanted,
    codeClasses,
  }: { type: string | null; wanted: AutoClass | null; codeClasses: readonly string[] },
): Found {
  const isNative = type !== null && nativeTypes.has(type)
  if (!isNative && withoutTrust.includes(task) && codeClasses.includes('AutoConfig')) {
    return refused(
      'own code, which AutoTrain does not run',
      `input-model: ${inputModel} brings its own code (auto_map), which AutoTrain does not run for the task ${task}: ${choose(task)}`,
    )
  }
  if (isNative && wanted !== null && !codeClasses.includes(wanted)) {
    return refused(
      cutText(type, 60),
      `input-model: ${inputModel} and its own code have no ${wanted}, which AutoTrain needs for the task ${task}: ${choose(task)}`,
    )
  }
  return {
    verdict: 'warned',
    found: 'brings its own code',
    advice: `input-model: ${inputModel} brings its own code (auto_map), which AutoTrain runs in the Job with hf-token: use it only if you trust that code.`,
  }
}

function otherKind({ task, inputModel }: Recipe, map: Record<string, unknown>, type: string): Found {
  const name = nameOf(map, type)
  return refused(
    name,
    `input-model: ${inputModel} is a ${name}, of which ${transformersVersion} makes no model for the task ${task}: ${choose(task)}`,
  )
}

/** The class that AutoTrain loads the base model of a task with; null where it takes any model with a tokenizer. */
function autoClass(task: Task): AutoClass | null {
  if (task === 'llm-reward') return 'AutoModelForSequenceClassification'
  if (isLanguageModel(task)) return 'AutoModelForCausalLM'
  switch (task) {
    case 'image-classification':
    case 'image-regression':
      return 'AutoModelForImageClassification'
    case 'image-object-detection':
      return 'AutoModelForObjectDetection'
    case 'text-classification':
    case 'text-regression':
      return 'AutoModelForSequenceClassification'
    case 'token-classification':
      return 'AutoModelForTokenClassification'
    case 'seq2seq':
      return 'AutoModelForSeq2SeqLM'
    default:
      return null
  }
}

/** Model types that read images and no text. */
function isImageOnly(type: string): boolean {
  const { AutoModelForImageClassification: images, AutoModelForObjectDetection: objects } = modelTypes
  return (images.has(type) || objects.has(type)) && !['clip', 'perceiver', 'siglip'].includes(type)
}

/** Small base models that AutoTrain trains, by the beginning of the task. */
const examples: readonly (readonly [start: string, model: string])[] = [
  ['image-object', 'facebook/detr-resnet-50'],
  ['image', 'google/vit-base-patch16-224'],
  ['seq2seq', 'google/flan-t5-small'],
  ['llm', 'HuggingFaceTB/SmolLM2-135M'],
  ['sentence', 'sentence-transformers/all-MiniLM-L6-v2'],
  ['vlm', 'google/paligemma-3b-pt-224'],
  ['', 'distilbert/distilbert-base-uncased'],
]

function choose(task: Task): string {
  const model = examples.find(([start]) => task.startsWith(start))?.[1] ?? ''
  return `choose a base model for it, such as ${model}.`
}

function nameOf(map: Record<string, unknown>, type: string): string {
  const [first] = architectures(map)
  return cutText(
    [type, first === undefined ? '' : type === '' ? first : `(${first})`].filter(Boolean).join(' '),
    100,
  )
}

function architectures({ architectures: names }: Record<string, unknown>): string[] {
  return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
}

function recordOf(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
}

const refused = (found: string, advice: string): Found => ({ verdict: 'refused', found, advice })
const unknown = (found: string, advice: string | null = null): Found => ({
  verdict: 'unknown',
  found,
  advice,
})
