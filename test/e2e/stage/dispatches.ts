import { type Envelope, sealEnvelope } from '../../../src/event/envelope.ts'
import { reconcileEvent, reconcileId } from '../../../src/event/reconcile.ts'
import { createSign } from '../../../src/event/signature.ts'
import { eventOf, type Payload, pushPayload, shaOf, withValue } from '../../event/hub-payload.ts'
import { names } from '../../sandbox/world.ts'

/** What an event is about. */
export interface EventOptions {
  readonly dataset: string
  /** The new revision. */
  readonly sha: string
  /** @default 0000... */
  readonly oldSha?: string
  /** @default refs/heads/main */
  readonly ref?: string
  readonly private?: boolean
}

/** The Hub's payload for a commit. */
function commitPayload(options: EventOptions): Payload {
  const { dataset, sha, oldSha = shaOf('0'), ref = 'refs/heads/main' } = options
  const named = withValue(pushPayload(), 'repo.name', dataset)
  const seen = withValue(named, 'repo.private', options.private ?? false)
  return withValue(withValue(seen, 'repo.headSha', sha), 'updatedRefs', [{ ref, oldSha, newSha: sha }])
}

/** A good envelope for a commit, as the relay makes it. */
export function envelopeFor(
  options: EventOptions & { id?: string; secret?: string; now?: number },
): Promise<Envelope> {
  const {
    sha,
    ref = 'refs/heads/main',
    id = 'msg_e2e',
    secret = names.webhookSecret,
    now = Date.now(),
  } = options
  const event = eventOf(commitPayload(options))
  return sealEnvelope({ event, ref, revision: sha, id, sign: createSign(secret), now })
}

/** A good envelope of the relay's own check of a dataset, as the relay makes it. */
export async function checkEnvelopeFor(
  options: Pick<EventOptions, 'dataset' | 'sha' | 'ref'> & {
    /** The Hub's id of the dataset. @default none */
    repoId?: string
    secret?: string
    now?: number
  },
): Promise<Envelope> {
  const { dataset, sha: revision, ref = 'refs/heads/main', repoId = null } = options
  const { secret = names.webhookSecret, now = Date.now() } = options
  const event = reconcileEvent({ dataset, id: repoId, isPrivate: false, ref, revision })
  const id = await reconcileId({ dataset, ref, revision }, now)
  return sealEnvelope({ event, ref, revision, id, sign: createSign(secret), now })
}
