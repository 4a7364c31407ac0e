import type { TrainingOrder } from '../../../src/domain/training.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import type { Random } from '../random.ts'

const day = 24 * 3_600_000

/** What a training leaves at the Hub. Every file names its run, so that a mix of two runs is recognised. */
export interface RunModel {
  /** `namespace/name` */
  readonly name: string
  /** What people load, by path. */
  readonly files: Readonly<Record<string, string>>
  /** What the training leaves beside it, and people never load. */
  readonly leftovers: Readonly<Record<string, string>>
  readonly metrics: Readonly<Record<string, number>>
  /** The published model that it measured as well; null: there was none. */
  readonly measured: { readonly model: string; readonly commit: string } | null
  /** Whether an old client pushed it, whose large files the Hub does not copy. */
  readonly isOldClient: boolean
}

/**
 * Draws what a training leaves.
 *
 * @param options.sinceMs how long the simulation has gone on: models get better slowly
 */
export function drawModel(
  luck: Random,
  { order, id, sinceMs }: { order: TrainingOrder; id: string; sinceMs: number },
): RunModel {
  const { recipe, project, published = null } = order
  const accuracy = 0.5 + (0.01 * sinceMs) / day + luck.next() / 20
  const measured = published !== null && luck.chance(0.4) ? published : null
  return {
    name: `${recipe.targetNamespace}/${project}`,
    files: {
      'config.json': `{"run": "${id}"}\n`,
      'model.safetensors': `weights of ${id}`,
      ...(luck.chance(0.5) && { 'vocab.txt': `words of ${id}` }),
      ...(luck.chance(0.3) && { 'onnx/model.onnx': `graph of ${id}` }),
    },
    leftovers: {
      'README.md': `# ${id}\n`,
      ...(luck.chance(0.5) && { 'training/train.py': `# code of ${id}\n` }),
      ...(luck.chance(0.5) && { 'checkpoint-5/model.safetensors': `half of ${id}` }),
      ...(luck.chance(0.5) && { 'optimizer.pt': `state of ${id}` }),
    },
    metrics: {
      ...(luck.chance(0.95) && { eval_accuracy: accuracy }),
      // On other rows the published model is as good as chance wants it.
      ...(measured !== null && { published_eval_accuracy: accuracy + luck.next() / 20 - 0.025 }),
    },
    measured,
    isOldClient: luck.chance(0.1),
  }
}

/** Pushes what a training leaves, as it does before it ends. */
export function pushModel(hub: SandboxHub, { name, files, leftovers, isOldClient }: RunModel): void {
  hub.createModel({ name, private: true })
  hub.commit(name, {
    type: 'model',
    title: 'Trained model',
    files: { ...leftovers, ...files },
    withoutXet: isOldClient,
  })
}
