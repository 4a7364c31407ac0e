import type { FaultHandle } from '../sandbox/faults.ts'
import type { World } from '../sandbox/world.ts'
import type { Random } from './random.ts'
import type { Tally } from './tally.ts'

/** Makes GitHub or the Hub go wrong for the next requests, now and then; the faults are to be lifted. */
export function spoil(options: { world: World; random: Random; tally: Tally }): FaultHandle[] {
  const { random } = options
  return [
    ...(random.chance(0.08) ? [spoilGitHub(options)] : []),
    ...(random.chance(0.04) ? [spoilHub(options)] : []),
  ]
}

/** Makes the next release of a claim fail. */
export function spoilRelease({ github }: World): void {
  github.fault({ method: 'DELETE', path: /\/git\/refs\//, status: 502 })
}

function spoilGitHub({ world, random, tally }: Parameters<typeof spoil>[0]): FaultHandle {
  const kind = random.pick(['5xx', '5xx after the work', 'reset after the work', 'reset'] as const)
  tally.count(`GitHub's answer to the ledger: ${kind}`)
  const applied = kind.endsWith('after the work')
  const how = kind.startsWith('reset') ? { reset: true } : { status: 502 }
  const method = random.pick(['POST', 'POST', 'PATCH', 'GET', 'DELETE'])
  return world.github.fault({ method, path: /\/git\//, times: random.between(1, 5), applied, ...how })
}

function spoilHub({ world, random, tally }: Parameters<typeof spoil>[0]): FaultHandle {
  tally.count("the Hub's answer: 5xx")
  return world.hub.fault({ path: /\/(tree|revision)\//, times: random.between(1, 6), status: 500 })
}
