import type { Comment, Discussion } from '../conversations/discussions.ts'
import type { RefUpdate, Repository } from '../git/repositories.ts'
import { headSha } from '../git/repositories.ts'

/** Something happened that webhooks may want to know. */
export interface HubEvent {
  action: 'create' | 'delete' | 'update' | 'move'
  scope: 'repo' | 'repo.content' | 'repo.config' | 'discussion' | 'discussion.comment'
  repository: Repository
  updatedRefs?: readonly RefUpdate[]
  updatedConfig?: { private?: boolean }
  movedTo?: { name: string; owner: { id: string } }
  discussion?: Discussion
  comment?: Comment
}

/** What the Hub posts, version 3. */
export interface WebhookPayload {
  event: { action: HubEvent['action']; scope: HubEvent['scope'] }
  repo: {
    type: Repository['type']
    name: string
    id: string
    private: boolean
    url: { web: string; api: string }
    owner: { id: string }
    headSha?: string
  }
  discussion?: Record<string, unknown>
  comment?: Record<string, unknown>
  webhook: { id: string; version: 3 }
  updatedRefs?: readonly RefUpdate[]
  updatedConfig?: { private?: boolean }
  movedTo?: { name: string; owner: { id: string } }
}

/** @returns the repository's page: models have no prefix */
export function webUrl(hubUrl: string, repository: Pick<Repository, 'type' | 'name'>): string {
  return `${hubUrl}/${repository.type === 'model' ? '' : 'datasets/'}${repository.name}`
}

function discussionPart(discussion: Discussion, urls: { web: string; api: string }) {
  const { id, title, status, num, isPullRequest, pinned, changes } = discussion
  return {
    id,
    title,
    url: { web: `${urls.web}/discussions/${num}`, api: `${urls.api}/discussions/${num}` },
    status,
    author: { id: discussion.author.id },
    num,
    isPullRequest,
    pinned,
    ...(changes !== undefined && { changes }),
  }
}

/**
 * `headSha` is main's commit whatever moved, and is left out of discussion events.
 * https://huggingface.co/docs/hub/webhooks#webhook-payloads
 *
 * @param event what happened
 * @param context the Hub's own address and the webhook that will be called
 * @returns the body
 */
export function webhookPayload(
  event: HubEvent,
  context: { hubUrl: string; webhookId: string },
): WebhookPayload {
  const { repository, discussion, comment } = event
  const web = webUrl(context.hubUrl, repository)
  const api = `${context.hubUrl}/api/${repository.type}s/${repository.name}`
  const sha = headSha(repository)
  return {
    event: { action: event.action, scope: event.scope },
    repo: {
      type: repository.type,
      name: repository.name,
      id: repository.id,
      private: repository.private,
      url: { web, api },
      ...(event.scope.startsWith('repo') && sha !== undefined && { headSha: sha }),
      owner: { id: repository.owner.id },
    },
    ...(discussion !== undefined && { discussion: discussionPart(discussion, { web, api }) }),
    ...(discussion !== undefined &&
      comment !== undefined && {
        comment: {
          id: comment.id,
          author: { id: comment.author.id },
          ...(!comment.hidden && { content: comment.raw }),
          hidden: comment.hidden,
          url: { web: `${web}/discussions/${discussion.num}#${comment.id}` },
        },
      }),
    webhook: { id: context.webhookId, version: 3 },
    ...(event.updatedRefs !== undefined && { updatedRefs: event.updatedRefs }),
    ...(event.updatedConfig !== undefined && { updatedConfig: event.updatedConfig }),
    ...(event.movedTo !== undefined && { movedTo: event.movedTo }),
  }
}
