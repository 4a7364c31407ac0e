import type { SandboxHub } from '../sandbox/hub/start.ts'
import type { Random } from './random.ts'
import { datasets } from './recipes.ts'
import type { Tally } from './tally.ts'
import type { Timeline } from './timeline.ts'

const minute = 60_000

/** A commit of new content to main: what every recipe's oracle looks at later. */
export interface MainCommit {
  readonly dataset: string
  readonly sha: string
  readonly at: number
}

/**
 * Plans what people do to the datasets: data, cards, pull requests, tags, other branches, and bursts.
 *
 * @param options.events how many commits in all
 * @param options.from, options.to milliseconds since the epoch
 * @param options.afterwards resolves once the webhooks of what was done have been told
 * @returns the commits to main, filled as time passes
 */
export function planUsers(options: {
  hub: SandboxHub
  timeline: Timeline
  random: Random
  tally: Tally
  events: number
  from: number
  to: number
  afterwards: () => Promise<void>
}): MainCommit[] {
  const { hub, timeline, random, tally, afterwards, from, to } = options
  const commits: MainCommit[] = []
  let made = 0

  const commit = async (dataset: string, path: string) => {
    made += 1
    const content = `${made} ${random.next()}`
    const { sha } = hub.commit(dataset, { files: { [path]: content } })
    commits.push({ dataset, sha, at: timeline.clock.now() })
    await afterwards()
  }
  const data = (dataset: string) =>
    commit(dataset, `train/${random.between(0, 9)}/${random.between(0, 50)}.txt`)

  const acts: Record<string, (dataset: string) => Promise<void> | void> = {
    data,
    'data commit with a card commit at once': async (dataset) => {
      await data(dataset)
      await commit(dataset, 'README.md')
    },
    card: (dataset) => commit(dataset, 'README.md'),
    'notes (ignored by one recipe)': (dataset) => commit(dataset, `notes/${random.between(0, 5)}.txt`),
    'pull request': async (dataset) => {
      hub.openPullRequest(dataset, { files: { 'train/0/proposed.txt': `${made++}` } })
      await afterwards()
    },
    tag: async (dataset) => {
      hub.tag(dataset, `v${made++}`)
      await afterwards()
    },
    'other branch': async (dataset) => {
      hub.branch(dataset, `try-${made++}`)
      await afterwards()
    },
    burst: (dataset) => {
      for (let n = 1; n <= 3; n++) timeline.at(timeline.clock.now() + n * 40_000, () => data(dataset))
    },
  }
  const kinds = ['data', 'data', 'data', 'data', 'data', 'data', ...Object.keys(acts)]
  for (let n = 0; n < options.events; n++) {
    const time = from + Math.floor(random.next() * (to - from - 10 * minute))
    const kind = random.pick(kinds)
    const dataset = random.pick(datasets)
    timeline.at(time, async () => {
      tally.count(kind)
      await acts[kind]?.(dataset)
    })
  }
  return commits
}
