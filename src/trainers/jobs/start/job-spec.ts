import type { Recipe } from '../../../domain/recipe.ts'
import type { TrainingOrder } from '../../../domain/training.ts'
import type { JobSpec } from '../../../hub/jobs/jobs.ts'
import { autotrainConfig } from '../../autotrain/autotrain-config.ts'
import { type DataSource, mountPath } from '../../autotrain/dataset-layout.ts'
import { runEnvironment } from '../../run-environment.ts'
import type { JobKind, JobTools, PreparedJob } from '../job-kind.ts'
import { jobLabels } from './job-labels.ts'

/**
 * Makes the request for a Job from an order. Tokens and what the recipe names as secrets are secrets of the Job;
 * everything else can be read by everyone who can read the Job.
 *
 * @param options.prepared what was prepared before the order; missing when nothing
 * @throws Error when the order has no valid nonce
 */
export function jobSpec(
  order: TrainingOrder,
  options: { tools: JobTools; kind: JobKind; source: DataSource; prepared?: PreparedJob | undefined },
): JobSpec {
  const { tools, kind, source, prepared } = options
  const { recipe, revision } = order
  const isMounted = source.isPinned
  const config = kind.config?.(order) ?? autotrainConfig({ ...order, dataPath: source.path })
  const data = { type: 'dataset', name: recipe.inputDataset } as const
  return {
    image: kind.image(recipe),
    command: kind.command(order),
    environment: {
      ...kind.environment?.(recipe),
      ...recipe.env,
      ...runEnvironment({ order, config }),
      ...(isMounted && { AUTO_RETRAIN_DATA: mountPath }),
    },
    secrets: jobSecrets(recipe, { tools, kind }),
    hardware: recipe.hardware,
    timeoutSeconds: Math.ceil(recipe.timeout / 1000),
    // What hf jobs uv run sends has none.
    ...(kind.name !== 'script' && { attempts: 1 as const }),
    labels: { ...prepared?.labels, ...jobLabels(order) },
    volumes: [
      ...(isMounted ? [{ source: data, mountPath, revision, readOnly: true }] : []),
      ...(prepared?.volumes ?? []),
    ],
  }
}

function jobSecrets(
  recipe: Recipe,
  { tools, kind }: { tools: JobTools; kind: JobKind },
): Record<string, string> {
  const named = recipe.secrets.map((name) => [name, tools.stepVariable(name) ?? ''])
  // AutoTrain pushes its model by itself.
  const getsToken = kind.name === 'autotrain' || (recipe.giveToken ?? recipe.expectModel)
  return { ...Object.fromEntries(named), ...(getsToken && { HF_TOKEN: tools.trainingHub.token }) }
}
