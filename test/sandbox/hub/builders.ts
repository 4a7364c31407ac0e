import type { Account } from './accounts/accounts.ts'
import { changeStatus, commentOn, openDiscussion } from './conversations/conversations.ts'
import type { Comment, Discussion } from './conversations/discussions.ts'
import {
  commitTo,
  createRepository,
  deleteRepository,
  moveRepository,
  updateRef,
  updateSettings,
} from './git/changes.ts'
import type { Files, Operation } from './git/commits.ts'
import { fileOperations, gitAttributesOf } from './git/commits.ts'
import { forcePush, squashHistory } from './git/history.ts'
import { mergePullRequest, openPullRequest } from './git/pull-requests.ts'
import type { Commit, Region, Repository, RepoType } from './git/repositories.ts'
import { MAIN, resolveRevision } from './git/repositories.ts'
import type { Hub } from './hub.ts'
import type { Attempt, Delivery } from './webhooks/deliveries.ts'
import type { Watched, Webhook } from './webhooks/webhooks.ts'

/** A repository to make. */
interface NewRepository {
  /** `namespace/name`; the namespace must be there. */
  name: string
  /** @default false */
  private?: boolean
  /** A second commit after the initial one. @default none */
  files?: Files
  /** Where the Hub keeps its contents. @default 'us' */
  region?: Region
}

/** What to commit. */
interface NewCommit {
  files?: Files
  /** Files, or folders when the path ends in a slash. */
  deletions?: readonly string[]
  /** LFS files come from an old client: they have no `xetHash`, and the Hub cannot copy them. @default false */
  withoutXet?: boolean
  /** @default 'refs/heads/main' */
  ref?: string
  /** @default 'Update files' */
  title?: string
  /** A user's name. @default somebody who may write there */
  author?: string
  /** @default 'dataset' */
  type?: RepoType
}

/** How a history is rewritten. */
interface Rewrite {
  /** @default 'main' */
  branch: string
  /** How long what falls out of the history is still served, by the Hub's clock. @default 0 */
  servedForMs: number
  /** @default 'dataset' */
  type: RepoType
}

/** A webhook to make. */
interface NewWebhook {
  url: string
  /** @default none */
  secret?: string
  /** A bare string is a dataset's name. */
  watched: readonly (string | Watched)[]
  /** @default ['repo'] */
  domains?: readonly ('repo' | 'discussion')[]
  /** A user's name. @default somebody who may write to what is watched first */
  owner?: string
}

/** Ways to make things happen on the Hub without going through its API; webhooks fire all the same. */
export interface Builders {
  createDataset(repository: NewRepository): Repository
  createModel(repository: NewRepository): Repository
  /** A public model to start from, such as `microsoft/resnet-50`, with its organisation. */
  createBaseModel(name: string, config?: Readonly<Record<string, unknown>>): Repository
  /** Throws when there is none. */
  repository(name: string, type?: RepoType): Repository
  commit(name: string, commit: NewCommit): Commit
  /** @returns the pull request, whose ref is `refs/pr/{num}`, and its commit */
  openPullRequest(name: string, commit: NewCommit): { discussion: Discussion; commit: Commit }
  mergePullRequest(name: string, num: number): Commit
  tag(name: string, tag: string, rev?: string): void
  branch(name: string, branch: string, rev?: string): void
  /** @param ref full name, such as `refs/tags/v1` */
  deleteRef(name: string, ref: string): void
  setPrivate(name: string, isPrivate: boolean): void
  /** Gates a model: only these accounts may read its files. */
  gate(name: string, admitted: readonly string[]): void
  move(name: string, newName: string): void
  /** As {@link Builders.move}, for a model too. */
  rename(from: string, to: string, type?: RepoType): void
  /** Replaces a branch's history by one commit. Where the old commits are served on, it is for `servedForMs`. */
  squash(name: string, options?: Partial<Rewrite>): Commit
  /** Points a branch at a commit that the repository has, or once had: what falls out of the history is gone. */
  forcePush(name: string, sha: string, options?: Partial<Rewrite>): void
  deleteRepository(name: string): void
  discuss(name: string, discussion: { title: string; description?: string; author?: string }): Discussion
  comment(name: string, num: number, text: string): Comment
  closeDiscussion(name: string, num: number): void
  discussions(name: string, type?: RepoType): readonly Discussion[]
  webhook(webhook: NewWebhook): Webhook
  /** One more try of a delivery, as the Replay button does it. */
  replay(deliveryId: string): Promise<Attempt>
}

function requireAccount(hub: Hub, name: string): Account {
  const found = hub.accounts.find(name)
  if (found === undefined) throw new Error(`The sandbox Hub has no account ${name}: add it first.`)
  return found
}

/** @returns builders for one Hub */
export function createBuilders(hub: Hub): Builders {
  const repository: Builders['repository'] = (name, type = 'dataset') => {
    const found = hub.repositories.find(type, name)
    if (found === undefined) throw new Error(`The sandbox Hub has no ${type} ${name}.`)
    return found
  }

  const authorOf = (name: string | undefined, owner: Account) =>
    name === undefined ? hub.accounts.writerFor(owner) : requireAccount(hub, name)

  const create = (type: RepoType, { name, private: isPrivate = false, ...options }: NewRepository) => {
    const owner = requireAccount(hub, name.split('/')[0] ?? '')
    const author = hub.accounts.writerFor(owner)
    return createRepository(hub, { type, name, owner, author, private: isPrivate, ...options })
  }

  const operationsOf = (target: Repository, base: Commit, { files = {}, deletions = [] }: NewCommit) => [
    ...deletions.map((path): Operation => ({ key: 'deletedEntry', path })),
    ...fileOperations(target, files, gitAttributesOf(target, base.tree)),
  ]

  const rename: Builders['rename'] = (from, to, type) => {
    const owner = requireAccount(hub, to.split('/')[0] ?? '')
    moveRepository(hub, repository(from, type), { name: to, owner })
  }

  return {
    createDataset: (options) => create('dataset', options),
    createModel: (options) => create('model', options),
    createBaseModel(
      name,
      config = { model_type: 'resnet', architectures: ['ResNetForImageClassification'] },
    ) {
      const namespace = name.split('/')[0] ?? ''
      const owner = hub.accounts.find(namespace) ?? hub.accounts.addOrg(namespace)
      const files = { 'config.json': `${JSON.stringify(config)}\n` }
      return createRepository(hub, { type: 'model', name, owner, author: owner, private: false, files })
    },
    repository,
    commit(name, options) {
      const target = repository(name, options.type)
      const ref = options.ref ?? MAIN
      const operations = operationsOf(target, resolveRevision(target, ref), options)
      for (const operation of options.withoutXet ? operations : []) {
        if (operation.key === 'lfsFile') target.withoutXet.add(operation.oid)
      }
      const author = authorOf(options.author, target.owner)
      return commitTo(hub, target, {
        ref,
        title: options.title ?? 'Update files',
        description: '',
        author,
        operations,
      })
    },
    openPullRequest(name, options) {
      const target = repository(name, options.type)
      const base = resolveRevision(target, options.ref ?? MAIN)
      return openPullRequest(hub, target, {
        title: options.title ?? 'Update files',
        description: '',
        author: authorOf(options.author, target.owner),
        base,
        status: 'open',
        operations: operationsOf(target, base, options),
      })
    },
    mergePullRequest(name, num) {
      const target = repository(name)
      const discussion = hub.discussions.get(target, num)
      return mergePullRequest(hub, target, { discussion, author: authorOf(undefined, target.owner) })
    },
    tag(name, tag, rev = 'main') {
      const target = repository(name)
      updateRef(hub, target, `refs/tags/${tag}`, resolveRevision(target, rev).sha)
    },
    branch(name, branch, rev = 'main') {
      const target = repository(name)
      updateRef(hub, target, `refs/heads/${branch}`, resolveRevision(target, rev).sha)
    },
    deleteRef: (name, ref) => updateRef(hub, repository(name), ref, null),
    setPrivate: (name, isPrivate) => updateSettings(hub, repository(name), { private: isPrivate }),
    gate(name, admitted) {
      repository(name, 'model').admitted = new Set(admitted)
    },
    move: (name, newName) => rename(name, newName),
    rename,
    squash(name, { branch = 'main', type, ...rest } = {}) {
      const target = repository(name, type)
      return squashHistory(hub, target, { ...rest, branch, author: authorOf(undefined, target.owner) })
    },
    forcePush(name, sha, { branch = 'main', servedForMs = 0, type } = {}) {
      forcePush(hub, repository(name, type), { ref: `refs/heads/${branch}`, sha, servedForMs })
    },
    deleteRepository: (name) => deleteRepository(hub, repository(name)),
    discuss(name, { title, description = '', author }) {
      const target = repository(name)
      return openDiscussion(hub, target, { title, description, author: authorOf(author, target.owner) })
    },
    comment(name, num, raw) {
      const target = repository(name)
      const discussion = hub.discussions.get(target, num)
      return commentOn(hub, target, { discussion, author: authorOf(undefined, target.owner), raw })
    },
    closeDiscussion(name, num) {
      const target = repository(name)
      const discussion = hub.discussions.get(target, num)
      changeStatus(hub, target, { discussion, author: authorOf(undefined, target.owner), status: 'closed' })
    },
    discussions: (name, type) => hub.discussions.of(repository(name, type)),
    webhook({ url, secret = '', watched, domains = ['repo'], owner }) {
      const all = watched.map(
        (each): Watched => (typeof each === 'string' ? { type: 'dataset', name: each } : { ...each }),
      )
      const first = requireAccount(hub, owner ?? all[0]?.name.split('/')[0] ?? '')
      return hub.webhooks.add({
        owner: hub.accounts.writerFor(first),
        url,
        secret,
        watched: all,
        domains: [...domains],
      })
    },
    async replay(deliveryId) {
      const delivery: Delivery | undefined = hub.courier.deliveries.find(({ id }) => id === deliveryId)
      const webhook = delivery === undefined ? undefined : hub.webhooks.byId(delivery.webhookId)
      if (delivery === undefined || webhook === undefined) throw new Error(`No delivery ${deliveryId}.`)
      return await hub.courier.replay(webhook, delivery)
    },
  }
}
