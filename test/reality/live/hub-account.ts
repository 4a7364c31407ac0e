import { commitBody, makeModel } from './hub-objects.ts'
import type { Live, Question } from './questions.ts'
import { describeAnswer, field, mustBe } from './service.ts'

const tokenRights: Question = {
  name: 'token-rights',
  asks: 'What does the Hub call the rights of this token?',
  assumed: 'A fine-grained token that may start Jobs has `job.write`.',
  kind: 'reads',
  async find({ hub }) {
    const data = mustBe(200, await hub.send('GET', '/api/whoami-v2'))
    const token = field(data, 'auth.accessToken')
    const scopes = (field(token, 'fineGrained.scoped') ?? []) as { permissions?: string[] }[]
    const rights = [...new Set(scopes.flatMap((scope) => scope.permissions ?? []))].sort()
    const role = String(field(token, 'role'))
    const isAsAssumed = role === 'fineGrained' ? rights.includes('job.write') : null
    return { isAsAssumed, saw: `Role ${role}; rights: ${rights.join(', ') || 'none named'}.` }
  },
}

const jobsRight: Question = {
  name: 'jobs-right',
  asks: 'Does the Hub say whether a token may start Jobs, without starting one?',
  assumed: '200 where it may; 401, 403 or 404 where it may not.',
  kind: 'reads',
  async find({ hub, namespace }) {
    const answer = await hub.send('POST', `/api/jobs/${await namespace()}/auth-check/write`)
    return { isAsAssumed: [200, 401, 403, 404].includes(answer.status), saw: describeAnswer(answer) }
  },
}

const jobLabels: Question = {
  name: 'job-labels',
  asks: 'Does the list of Jobs take several labels, and show only the Jobs that have all of them?',
  assumed: 'Yes: no Job has these two.',
  kind: 'reads',
  async find({ hub, namespace, freeName }) {
    const labels = `label=auto-retrain%3D${freeName}&label=ledger%3D${freeName}`
    const answer = await hub.send('GET', `/api/jobs/${await namespace()}?${labels}`)
    const count = Array.isArray(answer.data) ? `${answer.data.length} Jobs` : 'no list'
    return { isAsAssumed: count === '0 Jobs', saw: `${describeAnswer(answer)}, ${count}` }
  },
}

const folderInCard: Question = {
  name: 'folder-in-card',
  asks: 'Does the Hub refuse a model card that names a folder as its dataset, as AutoTrain writes it for tables?',
  assumed: 'Yes, with 400.',
  kind: 'reads',
  async find({ hub }) {
    const content = '---\ndatasets:\n- /data\n---\n'
    const answer = await hub.send('POST', '/api/validate-yaml', { content, repoType: 'model' })
    return { isAsAssumed: answer.status === 400, saw: describeAnswer(answer) }
  },
}

const staleParent: Question = {
  name: 'stale-parent',
  asks: 'How does the Hub refuse a commit whose `parentCommit` is no longer the head?',
  assumed: '412.',
  kind: 'writes',
  does: 'It makes a private model, commits to it, and deletes it.',
  async find(live) {
    const path = `/api/models/${await makeModel(live)}/commit/main`
    const commit = (summary: string, parent?: string) =>
      live.hub.send('POST', path, commitBody(summary, parent))
    const first = String(field(mustBe(200, await commit('one')), 'commitOid'))
    mustBe(200, await commit('two'))
    const answer = await commit('three', first)
    return { isAsAssumed: answer.status === 412, saw: describeAnswer(answer) }
  },
}

/** https://huggingface.co/docs/hub/trusted-publishers */
async function exchange({ hub, idToken }: Live, resource: string) {
  return hub.send('POST', '/oauth/token', {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    subject_token: await idToken(hub.url),
    resource,
  })
}

const trustedPublisher: Question = {
  name: 'trusted-publisher',
  asks: 'May the token of a Trusted Publisher start Jobs?',
  assumed: 'No: a workflow needs a token of its own for them.',
  kind: 'reads',
  async find(live) {
    const owner = await live.namespace()
    const exchanged = await exchange(live, owner)
    const token = field(exchanged.data, 'access_token')
    if (typeof token !== 'string') return { isAsAssumed: null, saw: `No token: ${describeAnswer(exchanged)}` }
    const answer = await live.hubAs(token).send('POST', `/api/jobs/${owner}/auth-check/write`)
    return { isAsAssumed: answer.status !== 200, saw: describeAnswer(answer) }
  },
}

/** What an account on the Hub can show without cost. */
export const accountQuestions: readonly Question[] = [
  tokenRights,
  jobsRight,
  jobLabels,
  folderInCard,
  trustedPublisher,
  staleParent,
]
