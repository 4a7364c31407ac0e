import type { FaultHandle } from '../../sandbox/faults.ts'
import type { World } from '../../sandbox/world.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { Timeline } from '../timeline.ts'

const second = 1000
const minute = 60 * second

interface Options {
  world: World
  random: Random
  tally: Tally
  timeline: Timeline
}

/** Makes GitHub or the Hub go wrong for the next requests, now and then; the faults are lifted after some minutes. */
export function spoil(options: Options): void {
  const { random } = options
  const faults = [
    ...(random.chance(0.08) ? [spoilGitHub(options)] : []),
    ...(random.chance(0.04) ? [spoilHub(options)] : []),
    ...(random.chance(0.06) ? [letLag(options)] : []),
  ]
  spoilPublishing({ ...options, random: random.fork('publishing') })
  for (const fault of faults) liftAfter(options.timeline, fault, random.between(1, 10) * minute)
}

/** Makes what publishes a model go wrong, now and then; the fault is lifted after some minutes. */
export function spoilPublishing({ world, random, tally, timeline }: Options): void {
  if (!random.chance(0.06)) return
  const call = random.pick(Object.keys(publishCalls))
  const kind = random.pick(['5xx', '5xx after the work', 'reset', 'reset after the work'] as const)
  tally.count(`the Hub's answer to a publication, ${call}: ${kind}`)
  const applied = kind.endsWith('after the work')
  const how = kind.startsWith('reset') ? { reset: true } : { status: 502 }
  const times = random.between(1, 4)
  const fault = world.hub.fault({
    ...publishCalls[call],
    path: publishCalls[call]?.path ?? /./,
    times,
    applied,
    ...how,
  })
  liftAfter(timeline, fault, random.between(1, 10) * minute)
}

/** The calls of a publication to the Hub. */
const publishCalls: Readonly<Record<string, { readonly method: string; readonly path: RegExp }>> = {
  'look-up': { method: 'GET', path: /\/api\/models\/acme\/[^/]+(?:\?|$)/ },
  commits: { method: 'GET', path: /\/api\/models\/acme\/[^/]+\/commits\// },
  tree: { method: 'GET', path: /\/api\/models\/acme\/[^/]+\/tree\// },
  file: { method: 'GET', path: /^\/acme\/[^/]+\/resolve\// },
  refs: { method: 'GET', path: /\/api\/models\/acme\/[^/]+\/refs/ },
  repository: { method: 'POST', path: /\/api\/repos\/create/ },
  copy: { method: 'POST', path: /\/lfs-files\/duplicate/ },
  commit: { method: 'POST', path: /\/api\/models\/acme\/[^/]+\/commit\// },
  tag: { method: 'POST', path: /\/api\/models\/acme\/[^/]+\/tag\// },
}

/** Makes the next release of a claim fail. */
export function spoilRelease({ github }: World): void {
  github.fault({ method: 'DELETE', path: /\/git\/refs\//, status: 502 })
}

/** Lets GitHub answer nothing but 500 for a while. */
export function breakGitHub({ world, timeline, random }: Omit<Options, 'tally'>): void {
  const fault = world.github.fault({ path: /./, times: Number.POSITIVE_INFINITY, status: 500 })
  liftAfter(timeline, fault, random.between(2, 6) * minute)
}

function liftAfter({ at, clock }: Timeline, fault: Pick<FaultHandle, 'lift'>, ms: number): void {
  at(clock.now() + ms, async () => fault.lift())
}

function spoilGitHub({ world, random, tally }: Options): FaultHandle {
  const kind = random.pick(['5xx', '5xx after the work', 'reset after the work', 'reset'] as const)
  tally.count(`GitHub's answer to the ledger: ${kind}`)
  const applied = kind.endsWith('after the work')
  const how = kind.startsWith('reset') ? { reset: true } : { status: 502 }
  const method = random.pick(['POST', 'POST', 'PATCH', 'GET', 'DELETE'])
  return world.github.fault({ method, path: /\/git\//, times: random.between(1, 5), applied, ...how })
}

function spoilHub({ world, random, tally }: Options): FaultHandle {
  tally.count("the Hub's answer: 5xx")
  return world.hub.fault({ path: /\/(tree|revision)\//, times: random.between(1, 6), status: 500 })
}

/** Each kind of read falls behind by itself. */
function letLag({ world, random, tally }: Options): Pick<FaultHandle, 'lift'> {
  const kind = random.pick(['get', 'list', 'tag', 'graphql'] as const)
  tally.count(`GitHub's replica lags: ${kind}`)
  return world.github.lag({ [kind]: random.between(1, 25) * second })
}
