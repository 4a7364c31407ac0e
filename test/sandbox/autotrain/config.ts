import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { resolvePath } from './data/paths.ts'
import { info } from './logger.ts'
import { PyError, repr } from './python.ts'

/** What the configuration came to: whether it can be trained at all is another question. */
export interface ParsedConfig {
  task: string
  backend: string
  params: Record<string, unknown>
}

const IMAGE_CLASSIFICATION = 'image_multi_class_classification'

const hyphened = (name: string) => [name, name.replaceAll('_', '-')]

/** https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/parser.py */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  [IMAGE_CLASSIFICATION]: [
    ...hyphened('image_binary_classification'),
    ...hyphened('image_classification'),
    IMAGE_CLASSIFICATION,
  ],
  image_single_column_regression: [
    ...hyphened('image_single_column_regression'),
    ...hyphened('image_regression'),
    'image-scoring',
  ],
  image_object_detection: [...hyphened('image_object_detection'), ...hyphened('object_detection')],
  text_multi_class_classification: [
    ...hyphened('text_binary_classification'),
    ...hyphened('text_classification'),
    'text_multi_class_classification',
  ],
  text_single_column_regression: [
    ...hyphened('text_single_column_regression'),
    ...hyphened('text_regression'),
  ],
  text_token_classification: [...hyphened('token_classification'), 'text_token_classification'],
  text_extractive_question_answering: [
    'extractive_question_answering',
    ...hyphened('ext_qa'),
    'extractive-qa',
    'text_extractive_question_answering',
  ],
  lm_training: [
    'llm',
    ...['sft', 'orpo', 'generic', 'dpo', 'reward'].map((name) => `llm-${name}`),
    'lm_training',
  ],
  sentence_transformers: ['st', 'sentence-transformers'].flatMap((name) =>
    ['', ':pair', ':pair_class', ':pair_score', ':triplet', ':qa'].map((kind) => `${name}${kind}`),
  ),
  vlm: ['vlm:captioning', 'vlm:vqa', 'vlm'],
  seq2seq: ['seq2seq'],
  tabular: ['tabular'],
}

/** A key that must be there: without it Python says only which. */
function required(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) {
    throw new PyError('TypeError', "'NoneType' object is not subscriptable")
  }
  if (!(key in value)) throw new PyError('KeyError', repr(key))
  return Reflect.get(value, key)
}

/** `${VAR}` counts only as the whole value, and only where this is called; an unset variable is none. */
function resolved(value: unknown, env: NodeJS.ProcessEnv): unknown {
  if (!value) return value
  if (typeof value !== 'string') throw new PyError('AttributeError', 'the value has no startswith')
  return value.startsWith('${') ? (env[value.slice(2, -1)] ?? null) : value
}

function readParams(config: object, env: NodeJS.ProcessEnv): Record<string, unknown> {
  const params: Record<string, unknown> = {
    model: required(config, 'base_model'),
    project_name: required(config, 'project_name'),
  }
  const data = required(config, 'data')
  params.data_path = required(data, 'path')
  const mapping = required(data, 'column_mapping')
  if (typeof mapping !== 'object' || mapping === null) {
    throw new PyError('AttributeError', 'column_mapping has no items')
  }
  Object.assign(params, mapping)
  params.train_split = required(data, 'train_split')
  params.valid_split = required(data, 'valid_split')
  params.log = required(config, 'log')
  if ('hub' in config) {
    params.username = resolved(required(config.hub, 'username'), env)
    params.token = resolved(required(config.hub, 'token'), env)
    params.push_to_hub = required(config.hub, 'push_to_hub')
  } else {
    Object.assign(params, { username: null, token: null, push_to_hub: false })
  }
  // Merged last: it may replace anything.
  if ('params' in config && config.params) Object.assign(params, config.params)
  return params
}

async function read(path: string): Promise<string> {
  if (path.startsWith('http')) {
    const response = await fetch(path)
    if (response.status !== 200) throw new PyError('ValueError', 'The configuration cannot be fetched.')
    return await response.text()
  }
  try {
    return readFileSync(resolvePath(path), 'utf8')
  } catch {
    throw new PyError('FileNotFoundError', `[Errno 2] No such file or directory: ${repr(path)}`)
  }
}

/**
 * Reads a configuration exactly as `autotrain --config` does.
 *
 * @param path a file, or any text that begins with `http`
 * @param env where `${VAR}` is looked up
 * @returns task, backend and parameters; throws the error that ends the program
 */
export async function readConfig(path: string, env: NodeJS.ProcessEnv): Promise<ParsedConfig> {
  // PyYAML reads YAML 1.1.
  const config: unknown = parse(await read(path), { version: '1.1' })
  if (typeof config !== 'object' || config === null) {
    throw new PyError('AttributeError', "'NoneType' object has no attribute 'get'")
  }
  const named = 'task' in config ? config.task : null
  if (named === null || named === undefined)
    throw new PyError('ValueError', 'The configuration names no task.')
  const task = Object.keys(ALIASES).find((name) => ALIASES[name]?.includes(String(named)))
  if (task === undefined) throw new PyError('ValueError', `There is no task ${repr(named)}.`)
  const backend = 'backend' in config ? config.backend : null
  if (backend === null || backend === undefined) {
    throw new PyError('ValueError', 'The configuration names no backend.')
  }
  info('autotrain.parser:__post_init__:165')(`Running task: ${task}`)
  info('autotrain.parser:__post_init__:166')(`Using backend: ${backend}`)
  return { task, backend: String(backend), params: readParams(config, env) }
}

/** @returns whether this stand-in can train it */
export const isImageClassification = (task: string) => task === IMAGE_CLASSIFICATION
