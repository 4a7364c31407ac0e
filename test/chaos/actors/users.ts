import type { SandboxHub } from '../../sandbox/hub/start.ts'
import type { Random } from '../random.ts'
import type { Tally } from '../tally.ts'
import type { Timeline } from '../timeline.ts'
import { datasets, settling } from './recipes.ts'

const second = 1000
const minute = 60 * second

/** A stream of commits goes on for longer than a commit may stay untrained, with less time between two than `settle`. */
const streamMs = 7 * 60 * minute
const streamEveryMs = 4 * minute

/** One stream for so many things that people do. */
const eventsPerStream = 500

/** Kinds that are rare in reality: the chance that one of them is carried out. */
const rareness: Readonly<Record<string, number>> = {
  'history squashed': 0.5,
  'dataset renamed': 0.3,
  'credits used up': 0.6,
  'hardware used up': 0.8,
  'a person changed a file of a published model': 0.25,
  'a published model was renamed': 0.1,
  'a published model was deleted': 0.1,
  'a person trained on an older revision': 0.6,
}

/** The datasets as they are called now, and what is told of what people do to them. */
export interface Ground {
  /** What a dataset is called now that had a name at the beginning. */
  nameOf(dataset: string): string
  rename(dataset: string): void
  /** To be called when main may have moved. */
  changed(dataset: string): void
}

/**
 * Plans what people do: data, cards, pull requests, tags, other branches, bursts, streams, taking back, rewriting
 * history, renaming, pressing Run, editing the recipe; and what befalls the provider.
 *
 * @param options.others what is done elsewhere than on the Hub, by kind
 * @param options.events how many things people do in all
 * @param options.from, options.to milliseconds since the epoch
 */
export function planUsers(options: {
  hub: SandboxHub
  timeline: Timeline
  random: Random
  tally: Tally
  ground: Ground
  others: Readonly<Record<string, (random: Random) => Promise<void>>>
  events: number
  from: number
  to: number
}): void {
  const { timeline, random, tally, ground, others, from, to } = options
  const acts = createActs(options)
  const data = acts.data ?? (() => {})
  const usual = [...Array.from({ length: 6 }, () => 'data'), ...Object.keys(acts), 'burst']
  const kinds = [...usual, ...Object.keys(others)]
  const plan = (time: number, kind: string, dataset: string) =>
    timeline.at(time, async () => {
      const luck = random.fork(`${kind} ${time}`)
      const isRare = !luck.chance(rareness[kind] ?? 1)
      tally.count(isRare ? 'data' : kind)
      const other = isRare ? undefined : others[kind]
      if (other !== undefined) return other(luck)
      const act = isRare ? data : (acts[kind] ?? data)
      act(dataset, luck)
      ground.changed(dataset)
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
  for (let n = 0; n < Math.ceil(options.events / eventsPerStream); n++) {
    const begin = from + Math.floor(random.next() * Math.max(0, to - from - streamMs))
    tally.count('stream')
    for (let at = begin; at < begin + streamMs; at += streamEveryMs) plan(at, 'stream', settling.dataset)
  }
}

type Act = (dataset: string, random: Random) => void

function createActs({ hub, ground }: { hub: SandboxHub; ground: Ground }): Record<string, Act> {
  const { nameOf } = ground
  let made = 0
  const contents = new Map<string, string | undefined>()
  const undo = new Map<string, { path: string; content: string | undefined }>()
  const write = (dataset: string, path: string, random: Random) => {
    made += 1
    const key = `${dataset} ${path}`
    const content = `${made} ${random.next()}`
    undo.set(dataset, { path, content: contents.get(key) })
    contents.set(key, content)
    hub.commit(nameOf(dataset), { files: { [path]: content } })
  }
  const image = (random: Random) => `train/${random.between(0, 9)}/${random.between(0, 50)}.txt`
  const data: Act = (dataset, random) => write(dataset, image(random), random)
  const propose = (dataset: string, random: Random) => {
    made += 1
    return hub.openPullRequest(nameOf(dataset), {
      files: { [`train/proposed/${made}.txt`]: `${random.next()}` },
    })
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
      hub.commit(
        nameOf(dataset),
        content === undefined ? { deletions: [path] } : { files: { [path]: content } },
      )
    },
    'pull request': (dataset, random) => {
      propose(dataset, random)
    },
    'pull request, merged': (dataset, random) => {
      hub.mergePullRequest(nameOf(dataset), propose(dataset, random).discussion.num)
    },
    tag: (dataset) => hub.tag(nameOf(dataset), `v${++made}`),
    'other branch': (dataset, random) => {
      made += 1
      hub.branch(nameOf(dataset), `try-${made}`)
      hub.commit(nameOf(dataset), { ref: `refs/heads/try-${made}`, files: { [image(random)]: `${made}` } })
    },
    'history squashed': (dataset) => {
      hub.squash(nameOf(dataset))
    },
    'dataset renamed': (dataset) => ground.rename(dataset),
  }
}
