import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFolder } from '../data/local-folder.ts'
import type { Params } from '../params.ts'
import { float, repr } from '../python.ts'
import type { Weights } from './classifier.ts'
import { HIDDEN, SIDE } from './classifier.ts'

/**
 * @param tensors names to shapes and values
 * @returns a file of the safetensors format: https://huggingface.co/docs/safetensors/index#format
 */
function safetensors(
  tensors: Readonly<Record<string, { shape: readonly number[]; values: Float32Array }>>,
): Uint8Array {
  let offset = 0
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + values.byteLength] }
    offset += values.byteLength
  }
  const text = JSON.stringify(header)
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.byteLength))
  const data = Object.values(tensors).map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  )
  return Buffer.concat([length, padded, ...data])
}

function weightsFile(weights: Weights, classes: number): Uint8Array {
  return safetensors({
    'hidden.weight': { shape: [HIDDEN, SIDE * SIDE], values: weights.hidden },
    'hidden.bias': { shape: [HIDDEN], values: weights.hiddenBias },
    'classifier.weight': { shape: [classes, HIDDEN], values: weights.output },
    'classifier.bias': { shape: [classes], values: weights.outputBias },
  })
}

/** The card begins with a blank line, and holds one metric per paragraph. */
function card(params: Params, scores: Readonly<Record<string, number>> | null, isLocal: boolean): string {
  const metrics =
    scores === null
      ? 'No validation metrics available'
      : Object.entries(scores)
          .map(([name, value]) => `${name}: ${repr(float(value))}`)
          .join('\n\n')
  return [
    '',
    '---',
    'tags:',
    '- autotrain',
    '- transformers',
    '- image-classification',
    ...(isFolder(params.model) ? [] : [`base_model: ${params.model}`]),
    ...(isLocal ? [] : ['datasets:', `- ${params.data_path}`]),
    '---',
    '',
    '# Model Trained Using AutoTrain',
    '',
    '- Problem type: Image Classification',
    '',
    '## Validation Metrics',
    metrics,
    '',
  ].join('\n')
}

/**
 * Writes everything a finished training leaves in its project folder.
 *
 * @param options what was trained, on what, and how well it does
 */
export function writeModel(options: {
  params: Params
  classes: readonly string[]
  weights: Weights
  scores: Readonly<Record<string, number>> | null
  steps: number
  isLocal: boolean
}): void {
  const { params, classes, weights, scores, steps, isLocal } = options
  const folder = params.project_name
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  const config = {
    _name_or_path: params.model,
    architectures: ['ImageClassificationMlp'],
    model_type: 'image-classification-mlp',
    problem_type: 'single_label_classification',
    hidden_size: HIDDEN,
    image_size: SIDE,
    id2label: Object.fromEntries(classes.map((name, index) => [index, name])),
    label2id: Object.fromEntries(classes.map((name, index) => [name, index])),
  }
  const files: Record<string, string | Uint8Array> = {
    'config.json': json(config),
    'model.safetensors': weightsFile(weights, classes.length),
    'preprocessor_config.json': json({ do_resize: true, size: { height: SIDE, width: SIDE } }),
    'training_args.bin': Uint8Array.of(0x80, 0x02, 0x2e),
    'README.md': card(params, scores, isLocal),
    ...(scores !== null && {
      [`checkpoint-${steps}/config.json`]: json(config),
      [`checkpoint-${steps}/trainer_state.json`]: json({ global_step: steps, epoch: params.epochs }),
    }),
    ...(params.log === 'tensorboard' && { 'runs/events.out.tfevents.0': Uint8Array.of(0) }),
  }
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, content)
  }
}

/** Takes away what must not be pushed: the packed pictures and, in the parameters, the token. */
export function tidyProject(params: Params): void {
  const { token: _, ...rest } = params
  rmSync(join(params.project_name, 'autotrain-data'), { recursive: true, force: true })
  writeFileSync(join(params.project_name, 'training_params.json'), JSON.stringify(rest, null, 4))
}
