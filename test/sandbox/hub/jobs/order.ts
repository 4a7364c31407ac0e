import type { Account, Token } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'
import type { Hub } from '../hub.ts'
import type { Mount } from './container/volumes.ts'
import { resolveVolume } from './container/volumes.ts'
import type { Job } from './jobs.ts'
import type { JobSpec, Volume } from './spec.ts'

/** What asked for a Job, where it was not a user. */
export interface Initiator {
  type: 'scheduled-job' | 'webhook'
  id: string
}

/** A Job to start: whose token reads its volumes, and whose account pays. */
export interface JobOrder {
  token: Token
  owner: Account
  spec: JobSpec
  initiator?: Initiator
}

/** A volume that may be written needs a token that may write there. */
function mountOf(hub: Hub, token: Token, volume: Volume): Mount {
  if (volume.type !== 'bucket') {
    return resolveVolume(volume, (type, name) =>
      hub.access.requireRead(token, hub.repositories.find(type, name)),
    )
  }
  const { mountPath, path = '', readOnly = false } = volume
  const { buckets } = hub
  const bucket = hub.access.requireRead(token, buckets.find(volume.source))
  if (!readOnly) hub.access.requireWrite(token, bucket)
  return { mountPath, bucket, path: path.replace(/^\/+|\/+$/g, ''), readOnly, buckets }
}

/**
 * Finds the volumes at what they are now, and starts the Job.
 *
 * @returns the Job; throws the refusal of an account without credits, or of a volume that is not there
 */
export function orderJob(hub: Hub, order: JobOrder): Job {
  const { token, owner, spec, initiator } = order
  if (!hub.jobs.hasCredits(owner)) {
    throw new HubRefusal(402, 'Pre-paid credit balance is insufficient. Add credits in the billing settings.')
  }
  const mounts = (spec.volumes ?? []).map((volume) => mountOf(hub, token, volume))
  return hub.jobs.start({
    owner,
    createdBy: token.user,
    spec,
    mounts,
    ...(initiator !== undefined && { initiator }),
  })
}
