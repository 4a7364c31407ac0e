import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isFolder } from '../data/local-folder.ts'
import type { Params } from '../params.ts'
import { float, repr } from '../python.ts'
import type { Weights } from './classifier.ts'
import { HIDDEN, SIDE } from './classifier.ts'
import type { Checkpoint } from './train-classifier.ts'

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
    'widget:',
    ...['tiger', 'teapot', 'palace'].flatMap((name) => [
      `- src: https://huggingface.co/datasets/mishig/sample_images/resolve/main/${name}.jpg`,
      `  example_title: ${name[0]?.toUpperCase()}${name.slice(1)}`,
    ]),
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

/** What a checkpoint holds beside the model: enough to go on training from there. */
function checkpointFiles(
  checkpoint: Checkpoint,
  options: { params: Params; config: string; weights: Uint8Array },
): Record<string, string | Uint8Array> {
  const { step, loss, history } = checkpoint
  const { params, config, weights } = options
  const state = {
    best_metric: loss,
    best_model_checkpoint: `${params.project_name}/checkpoint-${step}`,
    epoch: history.at(-1)?.epoch,
    global_step: step,
    log_history: history,
    num_train_epochs: params.epochs,
  }
  const files = {
    'config.json': config,
    'model.safetensors': weights,
    // Adam keeps two numbers for each weight.
    'optimizer.pt': new Uint8Array(2 * weights.byteLength),
    'rng_state.pth': new Uint8Array(14_000),
    'scheduler.pt': new Uint8Array(1064),
    'trainer_state.json': json(state),
    'training_args.bin': TRAINING_ARGS,
  }
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`checkpoint-${step}/${name}`, content]),
  )
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

const TRAINING_ARGS = new Uint8Array(5304).fill(0x80, 0, 1)

/**
 * Writes everything a finished training leaves in its project folder: the best checkpoint among it, where there was
 * an evaluation to tell which was best.
 *
 * @param options what was trained, on what, and how well it does
 */
export function writeModel(options: {
  params: Params
  classes: readonly string[]
  weights: Weights
  scores: Readonly<Record<string, number>> | null
  best: Checkpoint | null
  isLocal: boolean
}): void {
  const { params, classes, scores, best, isLocal } = options
  const config = json({
    _name_or_path: params.model,
    architectures: ['ImageClassificationMlp'],
    model_type: 'image-classification-mlp',
    problem_type: 'single_label_classification',
    hidden_size: HIDDEN,
    image_size: SIDE,
    id2label: Object.fromEntries(classes.map((name, index) => [index, name])),
    label2id: Object.fromEntries(classes.map((name, index) => [name, index])),
  })
  const weights = weightsFile(options.weights, classes.length)
  const files: Record<string, string | Uint8Array> = {
    'config.json': config,
    'model.safetensors': weights,
    'preprocessor_config.json': json({ do_resize: true, size: { height: SIDE, width: SIDE } }),
    'training_args.bin': TRAINING_ARGS,
    'README.md': card(params, scores, isLocal),
    ...(best !== null && checkpointFiles(best, { params, config, weights })),
  }
  for (const [name, content] of Object.entries(files)) {
    const path = join(params.project_name, name)
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
