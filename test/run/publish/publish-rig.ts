import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Recipe } from '../../../src/domain/recipe.ts'
import type { TrainingEnd } from '../../../src/domain/training.ts'
import { MAIN, type Repository, resolveRevision } from '../../sandbox/hub/git/repositories.ts'
import { entryAt, filesBelow } from '../../sandbox/hub/git/trees.ts'
import { succeeded } from '../provider.ts'
import { digits, type Rig, type RunOptions, startRig } from '../rig.ts'

/** The stable model of these tests. */
export const stable = 'ann/numbers'

/** A recipe that publishes. */
export function publishing(change: Partial<Recipe> = {}): Recipe {
  return digits({ publishTo: stable, ...change })
}

/** What a training leaves. */
interface Trained {
  metrics?: Readonly<Record<string, number>>
  files?: Readonly<Record<string, string | Uint8Array>>
  /** Whether its large files come from an old client, which the Hub cannot copy. */
  withoutXet?: boolean
}

/** A rig whose trainings push models. */
export interface PublishRig extends Rig {
  /** From now on, trainings leave this. */
  trains(trained: Trained): void
  /** Commits data and trains on it. */
  train(trained?: Trained, options?: RunOptions): Promise<Outcome>
  /** Publishes an earlier run by hand. */
  byHand(wanted: string, change?: Partial<Recipe>): Promise<Outcome>
  /** The text of a file of the stable model at a branch, a tag or a commit; undefined: there is none. */
  read(path: string, rev?: string): string | undefined
  paths(rev?: string): string[]
  /** The commits of the stable model, newest first. */
  titles(): string[]
  tags(): string[]
  /** A commit that a person makes on the stable model. */
  meddle(files: Readonly<Record<string, string>>): void
}

/** Starts one; close it after the test. */
export async function startPublishRig(): Promise<PublishRig> {
  const rig = await startRig()
  let next: Trained = {}
  const { hub, provider } = rig
  const push = (model: string) => {
    const { files = {}, withoutXet = false, metrics } = next
    const tag = JSON.stringify(metrics ?? {})
    if (hub.state.repositories.find('model', model) === undefined)
      hub.createModel({ name: model, private: true })
    hub.commit(model, {
      type: 'model',
      title: 'Trained model',
      withoutXet,
      files: { 'model.safetensors': `weights of ${model} ${tag}`, 'config.json': '{}\n', ...files },
    })
  }
  const { start } = provider.trainer()
  provider.does({
    start: async (order, context) => {
      const run = await start(order, context)
      push(`${order.recipe.targetNamespace}/${order.project}`)
      return run
    },
  })
  const stableModel = () => hub.repository(stable, 'model')
  const treeAt = (rev: string) => resolveRevision(stableModel(), rev).tree
  const trains = (trained: Trained) => {
    next = trained
    provider.endsIn({ ...succeeded, metrics: { ...(trained.metrics ?? succeeded.metrics) } } as TrainingEnd)
  }
  return {
    ...rig,
    trains,
    async train(trained = {}, options = {}) {
      trains(trained)
      rig.commit()
      return (await rig.run({ recipes: [publishing()], ...options })).outcome
    },
    async byHand(wanted, change = {}) {
      const request = { publishRevision: wanted, byPerson: true }
      return (await rig.run({ recipes: [publishing(change)], request })).outcome
    },
    read: (path, rev = 'main') => contentOf(stableModel(), { path, rev }),
    paths: (rev = 'main') =>
      [...filesBelow(treeAt(rev))].filter((path) => path !== '.gitattributes' && path !== 'README.md'),
    titles: () => historyOf(stableModel()),
    meddle: (files) => {
      hub.commit(stable, { type: 'model', title: 'By hand', files })
    },
    tags: () =>
      [...stableModel().refs.keys()].flatMap((ref) => (ref.startsWith('refs/tags/') ? [ref.slice(10)] : [])),
  }
}

function contentOf(repository: Repository, { path, rev }: { path: string; rev: string }): string | undefined {
  const entry = entryAt(resolveRevision(repository, rev).tree, path)
  if (entry?.type !== 'file') return undefined
  const { blobs, lfs } = repository
  const content = entry.lfs === undefined ? blobs.get(entry.oid) : lfs.get(entry.lfs.oid)
  return content === undefined ? undefined : new TextDecoder().decode(content)
}

function historyOf(repository: Repository): string[] {
  const titles: string[] = []
  let next: string | undefined = repository.refs.get(MAIN)
  while (next !== undefined) {
    const commit = repository.commits.get(next)
    if (commit !== undefined) titles.push(commit.title)
    next = commit?.parents[0]
  }
  return titles
}
