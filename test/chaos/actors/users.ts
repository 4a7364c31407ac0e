import type { SandboxHub } from '../../sandbox/hub/start.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { Timeline } from '../timeline.ts'
import { datasets } from './recipes.ts'

const second = 1000
const minute = 60 * second

/**
 * Plans what people do to the datasets: data, cards, pull requests, tags, other branches, bursts, and taking back.
 *
 * @param options.events how many things people do in all
 * @param options.from, options.to milliseconds since the epoch
 */
export function planUsers(options: {
  hub: SandboxHub
  timeline: Timeline
  random: Random
  tally: Tally
  events: number
  from: number
  to: number
}): void {
  const { timeline, random, tally, from, to } = options
  const acts = createActs(options)
  const data = acts.data ?? (() => {})
  const kinds = [...Array.from({ length: 6 }, () => 'data'), ...Object.keys(acts), 'burst']
  const plan = (time: number, kind: string, dataset: string) =>
    timeline.at(time, async () => {
      tally.count(kind)
      await (acts[kind] ?? data)(dataset, random.fork(`${kind} ${time}`))
      // The webhooks of what was done have been told.
      await options.hub.settled()
    })
  for (let n = 0; n < options.events; n++) {
    const time = from + Math.floor(random.next() * (to - from - 10 * minute))
    const kind = random.pick(kinds)
    const dataset = random.pick(datasets)
    plan(time, kind, dataset)
    if (kind === 'data, then the card at once') plan(time + random.between(0, 20) * second, 'card', dataset)
    if (kind !== 'burst') continue
    for (let more = 1; more <= 3; more++) plan(time + more * 40 * second, 'burst', dataset)
  }
}

type Act = (dataset: string, random: Random) => void

function createActs({ hub }: { hub: SandboxHub }): Record<string, Act> {
  let made = 0
  const contents = new Map<string, string | undefined>()
  const undo = new Map<string, { path: string; content: string | undefined }>()
  const write = (dataset: string, path: string, random: Random) => {
    made += 1
    const key = `${dataset} ${path}`
    const content = `${made} ${random.next()}`
    undo.set(dataset, { path, content: contents.get(key) })
    contents.set(key, content)
    hub.commit(dataset, { files: { [path]: content } })
  }
  const image = (random: Random) => `train/${random.between(0, 9)}/${random.between(0, 50)}.txt`
  const data: Act = (dataset, random) => write(dataset, image(random), random)
  const propose = (dataset: string, random: Random) => {
    made += 1
    return hub.openPullRequest(dataset, { files: { [`train/proposed/${made}.txt`]: `${random.next()}` } })
  }

  return {
    data,
    'data, then the card at once': data,
    'data beside the images': (dataset, random) => write(dataset, 'labels.csv', random),
    card: (dataset, random) => write(dataset, 'README.md', random),
    'notes (ignored by one recipe)': (dataset, random) =>
      write(dataset, `notes/${random.between(0, 5)}.txt`, random),
    'the last commit taken back': (dataset, random) => {
      const last = undo.get(dataset)
      if (last === undefined) return data(dataset, random)
      const { path, content } = last
      undo.delete(dataset)
      contents.set(`${dataset} ${path}`, content)
      hub.commit(dataset, content === undefined ? { deletions: [path] } : { files: { [path]: content } })
    },
    'pull request': (dataset, random) => {
      propose(dataset, random)
    },
    'pull request, merged': (dataset, random) => {
      hub.mergePullRequest(dataset, propose(dataset, random).discussion.num)
    },
    tag: (dataset) => hub.tag(dataset, `v${++made}`),
    'other branch': (dataset, random) => {
      made += 1
      hub.branch(dataset, `try-${made}`)
      hub.commit(dataset, { ref: `refs/heads/try-${made}`, files: { [image(random)]: `${made}` } })
    },
  }
}
