import type { TrainingOrder } from '../../../domain/training.ts'
import type { Hub } from '../../../hub/hub.ts'
import type { JobSpec } from '../../../hub/jobs/jobs.ts'
import { autotrainConfig } from '../../autotrain/autotrain-config.ts'
import { type DataSource, mountPath } from '../../autotrain/dataset-layout.ts'
import { runEnvironment } from '../../run-environment.ts'
import type { JobKind } from '../job-kind.ts'
import { jobLabels } from './job-labels.ts'

/**
 * Makes the request for a Job from an order. The token is a secret of the Job; everything else can be read by everyone
 * who can read the Job.
 *
 * @throws Error when the order has no valid nonce
 */
export function jobSpec(
  order: TrainingOrder,
  { hub, kind, source }: { hub: Hub; kind: JobKind; source: DataSource },
): JobSpec {
  const { recipe, revision, project } = order
  const isMounted = kind.mounts(source)
  const config = autotrainConfig({ recipe, project, dataPath: source.path })
  return {
    image: kind.image(recipe),
    command: ['sh', '-c', kind.script(recipe)],
    environment: {
      ...kind.environment,
      ...runEnvironment({ order, config }),
      ...(isMounted && { AUTO_RETRAIN_DATA: mountPath }),
    },
    secrets: { HF_TOKEN: hub.token },
    hardware: recipe.hardware,
    timeoutSeconds: Math.ceil(recipe.timeout / 1000),
    labels: jobLabels(order),
    volumes: isMounted
      ? [{ source: { type: 'dataset', name: recipe.inputDataset }, mountPath, revision, readOnly: true }]
      : [],
  }
}
