import { ledgerPrefix } from '../../../src/ledger/ref-names.ts'
import type { Live, Question } from './questions.ts'
import { describeAnswer, field, mustBe } from './service.ts'

async function headOf({ github, repository }: Live): Promise<string> {
  const branch = field(mustBe(200, await github.send('GET', `/repos/${repository}`)), 'default_branch')
  const head = await github.send('GET', `/repos/${repository}/git/ref/heads/${branch}`)
  return String(field(mustBe(200, head), 'object.sha'))
}

/** Makes a tag object, and returns its sha. No ref leads to it: GitHub removes it some day. */
async function makeTag(live: Live, message: string): Promise<string> {
  const { github, repository, freeName } = live
  const body = { tag: freeName, message, object: live.commit ?? (await headOf(live)), type: 'commit' }
  return String(field(mustBe(201, await github.send('POST', `/repos/${repository}/git/tags`, body)), 'sha'))
}

/** Makes a ref of the ledger's namespace, which is deleted at the end. */
async function makeRef(live: Live): Promise<{ ref: string; sha: string }> {
  const { github, repository, freeName, undo } = live
  const [ref, sha] = [`${ledgerPrefix}live-check/${freeName}`, await makeTag(live, 'one')]
  mustBe(201, await github.send('POST', `/repos/${repository}/git/refs`, { ref, sha }))
  undo(`delete the ref ${ref}`, async () =>
    mustBe(204, await github.send('DELETE', `/repos/${repository}/git/${ref}`)),
  )
  return { ref, sha }
}

const ownRefs: Question = {
  name: 'own-refs',
  asks: 'Does this token create, list, change and delete refs of a namespace of their own?',
  assumed: 'Yes, with Contents: write; a second creation is refused with 422 `Reference already exists`.',
  kind: 'writes',
  does: `It makes one ref below ${ledgerPrefix}live-check/ in the repository, and deletes it.`,
  async find(live) {
    const { github, repository } = live
    const { ref, sha } = await makeRef(live)
    const again = await github.send('POST', `/repos/${repository}/git/refs`, { ref, sha })
    const listed = await github.send('GET', `/repos/${repository}/git/matching-${ref}`)
    const moved = await github.send('PATCH', `/repos/${repository}/git/${ref}`, {
      sha: await makeTag(live, 'two'),
      force: true,
    })
    const isListed = Array.isArray(listed.data) && listed.data.length === 1
    const isAsAssumed = again.status === 422 && isListed && moved.status === 200
    const saw = `Created; again: ${describeAnswer(again)}; listed: ${isListed}; changed: ${describeAnswer(moved)}`
    return { isAsAssumed, saw }
  },
}

const graphql = ({ github }: Live, query: string, variables: object) =>
  github.send('POST', '/graphql', { query, variables })

const refsInGraphql: Question = {
  name: 'refs-in-graphql',
  asks: "Does GraphQL list refs of the ledger's namespace?",
  assumed: 'Nothing: the ledger lists them by REST.',
  kind: 'writes',
  does: `It makes one ref below ${ledgerPrefix}live-check/ in the repository, and deletes it.`,
  async find(live) {
    await makeRef(live)
    const [owner, name] = live.repository.split('/')
    const query =
      'query($owner: String!, $name: String!, $prefix: String!) { repository(owner: $owner, name: $name) { refs(refPrefix: $prefix, first: 10) { nodes { name } } } }'
    const answer = await graphql(live, query, { owner, name, prefix: `${ledgerPrefix}live-check/` })
    const nodes = field(answer.data, 'data.repository.refs.nodes')
    const count = Array.isArray(nodes) ? `${nodes.length} refs` : 'no list'
    return { isAsAssumed: null, saw: `${describeAnswer(answer)}, ${count}` }
  },
}

const compareAndSwap: Question = {
  name: 'compare-and-swap',
  asks: "Does the GraphQL mutation updateRefs take a ref of the ledger's namespace, and refuse a stale beforeOid?",
  assumed: 'Nothing: the ledger saves without it.',
  kind: 'writes',
  does: `It makes one ref below ${ledgerPrefix}live-check/ in the repository, tries to change it, and deletes it.`,
  async find(live) {
    const { ref, sha } = await makeRef(live)
    const repositoryId = field((await live.github.send('GET', `/repos/${live.repository}`)).data, 'node_id')
    const query = 'mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }'
    const afterOid = await makeTag(live, 'two')
    const update = (beforeOid: string) =>
      graphql(live, query, {
        input: { repositoryId, refUpdates: [{ name: ref, beforeOid, afterOid, force: true }] },
      })
    const stale = await update('1'.repeat(40))
    const right = await update(sha)
    return {
      isAsAssumed: null,
      saw: `A stale beforeOid: ${describeUpdate(stale)}; the right one: ${describeUpdate(right)}`,
    }
  },
}

/** GraphQL answers 200 with `errors`, each of which has a message. */
function describeUpdate(answer: { status: number; data: unknown }): string {
  const errors = field(answer.data, 'errors')
  if (!Array.isArray(errors)) return describeAnswer(answer)
  return `${answer.status} ${errors.map((error) => String(field(error, 'message'))).join('; ')}`.slice(0, 300)
}

/** What a repository on GitHub can show. */
export const githubQuestions: readonly Question[] = [ownRefs, refsInGraphql, compareAndSwap]
