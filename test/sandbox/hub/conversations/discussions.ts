import type { Account } from '../accounts/accounts.ts'
import { HubRefusal } from '../errors.ts'
import type { Repository } from '../git/repositories.ts'

/** https://huggingface.co/docs/hub/repositories-pull-requests-discussions */
type DiscussionStatus = 'draft' | 'open' | 'closed' | 'merged'

/** One entry of a discussion's history. */
export type DiscussionEvent = { id: string; author: Account; createdAt: Date } & (
  | { type: 'comment'; raw: string; edited: boolean; hidden: boolean; updatedAt: Date; numEdits: number }
  | { type: 'status-change'; status: DiscussionStatus }
  | { type: 'title-change'; from: string; to: string }
  | { type: 'commit'; oid: string; subject: string }
)

/** A comment. */
export type Comment = Extract<DiscussionEvent, { type: 'comment' }>

/** A discussion or a pull request: they share one numbering. */
export interface Discussion {
  id: string
  num: number
  title: string
  status: DiscussionStatus
  isPullRequest: boolean
  pinned: boolean
  author: Account
  createdAt: Date
  events: DiscussionEvent[]
  /** Of pull requests: the branch it is for, and what came of it. */
  changes?: { base: string; mergeCommitId?: string }
}

/** The discussions of all repositories. */
export interface Discussions {
  of(repository: Repository): readonly Discussion[]
  get(repository: Repository, num: number): Discussion
  open(
    repository: Repository,
    discussion: Pick<Discussion, 'title' | 'isPullRequest' | 'author' | 'status'> & {
      description: string
      base?: string
    },
  ): { discussion: Discussion; comment: Comment }
  comment(discussion: Discussion, author: Account, raw: string): Comment
  commentById(discussion: Discussion, id: string): Comment
  record<T extends DiscussionEvent>(discussion: Discussion, event: T): T
  delete(repository: Repository, discussion: Discussion): void
}

const notFound = () => new HubRefusal(404, 'Not found')

/**
 * @param options where ids and times come from
 * @returns no discussions yet
 */
export function createDiscussions(options: { newId: () => string; now: () => Date }): Discussions {
  const byRepository = new Map<string, { last: number; open: Discussion[] }>()
  const shelf = (repository: Repository) => {
    const known = byRepository.get(repository.id) ?? { last: 0, open: [] }
    byRepository.set(repository.id, known)
    return known
  }
  const comment: Discussions['comment'] = (discussion, author, raw) => {
    const createdAt = options.now()
    const added: Comment = {
      id: options.newId(),
      type: 'comment',
      author,
      createdAt,
      updatedAt: createdAt,
      raw,
      edited: false,
      hidden: false,
      numEdits: 0,
    }
    discussion.events.push(added)
    return added
  }

  return {
    comment,
    of: (repository) => shelf(repository).open,
    get(repository, num) {
      const found = shelf(repository).open.find((discussion) => discussion.num === num)
      if (found === undefined) throw notFound()
      return found
    },
    open(repository, { description, base, ...rest }) {
      const kept = shelf(repository)
      kept.last += 1
      const discussion: Discussion = {
        ...rest,
        id: options.newId(),
        num: kept.last,
        pinned: false,
        createdAt: options.now(),
        events: [],
        ...(base !== undefined && { changes: { base } }),
      }
      kept.open.push(discussion)
      return { discussion, comment: comment(discussion, rest.author, description) }
    },
    commentById(discussion, id) {
      const found = discussion.events.find((event) => event.id === id)
      if (found?.type !== 'comment') throw notFound()
      return found
    },
    record(discussion, event) {
      discussion.events.push(event)
      return event
    },
    delete(repository, discussion) {
      const kept = shelf(repository)
      kept.open = kept.open.filter((other) => other !== discussion)
    },
  }
}
