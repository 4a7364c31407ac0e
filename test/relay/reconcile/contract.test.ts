import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { openEnvelope } from '../../../src/event/open-envelope.ts'
import { reconcileAction, reconcileId, reconcileIdPrefix } from '../../../src/event/reconcile.ts'
import { runtimes } from './runtimes.ts'
import {
  dataset,
  hubToken,
  otherDataset,
  otherRepository,
  type ReconcileSandbox,
  relayToken,
  repository,
  routes,
  secret,
  startReconcileSandbox,
} from './sandbox.ts'
import { hour, minute } from './situation.ts'

const main = 'refs/heads/main'
let world: ReconcileSandbox

beforeEach(async () => {
  world = await startReconcileSandbox()
})

afterEach(() => world.close())

const iso = (time: number) => new Date(time).toISOString()
const authorizations = (requests: readonly { headers: Record<string, string> }[]) => [
  ...new Set(requests.map(({ headers }) => headers.authorization)),
]

describe.each(runtimes)('A reconcile on %s:', (runtime, reconcile) => {
  const sent = () =>
    world.github.dispatches.map(({ repository: to, eventType, clientPayload }) => ({
      to,
      eventType,
      dataset: clientPayload.dataset,
      sha: clientPayload.sha,
    }))
  const digits = (name: string = dataset) => ({
    to: repository,
    eventType: 'hub-webhook',
    dataset: name,
    sha: world.headOf(name),
  })

  test('A head that no recipe has seen is dispatched in a signed envelope, which the action accepts.', async () => {
    const { isGood, printed } = await reconcile(world.environment())
    expect(isGood).toBe(true)
    expect(sent()).toEqual([digits()])
    const [dispatch] = world.github.dispatches
    const { event, id, plainSecret } = await openEnvelope(dispatch?.clientPayload, {
      secrets: [secret],
      now: Date.now(),
      maxAgeMs: hour,
      allowPlainSecret: false,
    })
    expect(event).toMatchObject({
      event: { action: reconcileAction, scope: 'repo.content' },
      repo: { type: 'dataset', name: dataset, id: world.hub.repository(dataset).id, private: false },
      updatedRefs: [{ ref: main, newSha: world.headOf(dataset) }],
    })
    expect(id).toMatch(/^rec_[0-9a-f]{32}$/)
    expect(plainSecret).toBe(false)
    expect(printed).toContain(id)
    await expect(
      openEnvelope(dispatch?.clientPayload, {
        secrets: ['another-secret-altogether'],
        now: Date.now(),
        maxAgeMs: hour,
        allowPlainSecret: false,
      }),
    ).rejects.toThrow('was not signed with webhook-secret')
  })

  test('Another process sends the same head under the same id within the hour.', async () => {
    const head = { dataset, ref: main, revision: world.headOf(dataset) }
    const ids = [await reconcileId(head, Date.now())]
    await reconcile(world.environment())
    await reconcile(world.environment())
    ids.push(await reconcileId(head, Date.now()))
    const [first, second] = world.github.dispatches.map(({ clientPayload }) => String(clientPayload.id))
    expect(ids).toContain(first)
    expect(ids).toContain(second)
    expect(first?.startsWith(reconcileIdPrefix)).toBe(true)
  })

  test('A head with nothing to do costs one call to the Hub and two to GitHub, and no dispatch.', async () => {
    await world.write()
    const { isGood } = await reconcile(world.environment())
    expect(isGood).toBe(true)
    expect(world.calls('hub')).toEqual([
      `GET /api/datasets/${dataset}/revision/main?expand=sha&expand=private`,
    ])
    expect(world.calls('github')).toEqual([
      expect.stringMatching(
        /^GET \/repos\/acme\/retrain\/git\/matching-refs\/auto-retrain\/seen\/[0-9a-f]{16}\/$/,
      ),
      'POST /graphql',
    ])
  })

  test('A new commit after what was seen is dispatched once it is two minutes old.', async () => {
    await world.write({}, { at: world.now() - hour })
    world.hub.commit(dataset, { files: { 'train/1/b.txt': 'one' } })
    await reconcile(world.environment())
    expect(sent()).toEqual([])
    world.pass(-10 * minute)
    world.hub.commit(dataset, { files: { 'train/1/c.txt': 'another' } })
    world.pass(10 * minute)
    await reconcile(world.environment())
    expect(sent()).toEqual([digits()])
  })

  test('A head whose time to look again has passed is dispatched, and none before.', async () => {
    await world.write({ verdict: 'started', again: iso(Date.now() + minute) })
    await reconcile(world.environment())
    expect(sent()).toEqual([])
    await world.write({ verdict: 'started', again: iso(Date.now() - minute) })
    await reconcile(world.environment())
    expect(sent()).toEqual([digits()])
  })

  test('Each branch has its own entries.', async () => {
    world.hub.branch(dataset, 'de/v')
    await world.write()
    const env = routes({ dataset, repository }, { dataset, repository, ref: 'refs/heads/de/v' })
    await reconcile(world.environment(env))
    const [only, ...others] = world.github.dispatches
    expect(others).toEqual([])
    expect(JSON.parse(String(only?.clientPayload.body)).updatedRefs[0].ref).toBe('refs/heads/de/v')
  })

  test('A branch that does not exist is said with the setting to correct.', async () => {
    const { isGood, printed } = await reconcile(
      world.environment(routes({ dataset, repository, ref: 'refs/heads/dev' })),
    )
    expect(isGood).toBe(false)
    expect(printed).toContain('acme/digits has no branch dev: correct ref in RELAY_ROUTES.')
  })

  test('For two repositories of one dataset the Hub is asked once.', async () => {
    await reconcile(
      world.environment(routes({ dataset, repository }, { dataset, repository: otherRepository })),
    )
    expect(world.calls('hub')).toEqual([
      `GET /api/datasets/${dataset}/revision/main?expand=sha&expand=private`,
      `GET /api/datasets/${dataset}/commits/main?limit=1`,
    ])
    expect(
      sent()
        .map(({ to }) => to)
        .toSorted(),
    ).toEqual([otherRepository, repository])
  })

  test('Two event types of one repository both get the dispatch.', async () => {
    await reconcile(
      world.environment(routes({ dataset, repository }, { dataset, repository, event_type: 'nightly' })),
    )
    expect(
      sent()
        .map(({ eventType }) => eventType)
        .toSorted(),
    ).toEqual(['hub-webhook', 'nightly'])
  })

  test('A route for any number of datasets is left to its webhooks, and the others are compared.', async () => {
    const { isGood, printed } = await reconcile(
      world.environment(routes({ dataset: 'acme/*', repository: otherRepository }, { dataset, repository })),
    )
    expect(isGood).toBe(true)
    expect(sent()).toEqual([digits()])
    expect(world.calls('hub').filter((call) => call.includes('*'))).toEqual([])
    if (runtime === 'Node') {
      expect(printed).toContain(
        'acme/* (refs/heads/main) for acme/other: not-named: the route names no single dataset, so only its webhooks are forwarded\n',
      )
    }
  })

  test('Where no route names a dataset it is refused, with one sentence that says what to set.', async () => {
    const { isGood, printed } = await reconcile(world.environment({ INPUT_DATASET: undefined }))
    expect(isGood).toBe(false)
    expect(printed).toContain(
      'needs datasets by their full names: set INPUT_DATASET to namespace/name, or name them in RELAY_ROUTES.',
    )
    expect(world.calls('hub')).toEqual([])
  })

  describe('A private dataset', () => {
    beforeEach(async () => {
      await world.close()
      world = await startReconcileSandbox({ isPrivate: true })
    })

    test('Without HF_TOKEN it fails with what to set, and the others are served.', async () => {
      const { isGood, printed } = await reconcile(
        world.environment(
          routes({ dataset, repository }, { dataset: otherDataset, repository: otherRepository }),
        ),
      )
      expect(isGood).toBe(false)
      expect(printed).toContain('for a private dataset set HF_TOKEN to a token that can read it')
      expect(sent().map(({ to }) => to)).toEqual([otherRepository])
    })

    test('With HF_TOKEN it is served; that token goes to the Hub only, and GITHUB_TOKEN to GitHub only.', async () => {
      const { isGood, printed } = await reconcile(world.environment({ HF_TOKEN: hubToken }))
      expect(isGood).toBe(true)
      expect(sent()).toEqual([digits()])
      expect(authorizations(world.hub.requests)).toEqual([`Bearer ${hubToken}`])
      expect(authorizations(world.github.requests)).toEqual([`Bearer ${relayToken}`])
      expect(printed).not.toContain(hubToken)
    })
  })

  test('A redirect leads no token to another origin.', async () => {
    world.hub.fault({
      path: /\/api\/datasets\/acme\/digits/,
      status: 307,
      headers: { location: `${world.github.url}/steal` },
    })
    world.github.fault({
      path: /matching-refs/,
      status: 301,
      headers: { location: `${world.hub.url}/steal-too` },
    })
    const letters = { dataset: otherDataset, repository }
    const env = { HF_TOKEN: hubToken, ...routes({ dataset, repository: otherRepository }, letters) }
    const { isGood } = await reconcile(world.environment(env))
    expect(isGood).toBe(false)
    expect(authorizations(world.hub.requests)).toEqual([`Bearer ${hubToken}`])
    expect(authorizations(world.github.requests)).toEqual([`Bearer ${relayToken}`])
    expect(world.calls('github').filter((call) => call.includes('steal'))).toEqual([])
    expect(world.calls('hub').filter((call) => call.includes('steal-too'))).toEqual([])
  })

  describe('A renamed dataset', () => {
    const renamed = 'acme/numbers'
    const whatToChange =
      "acme/digits is called acme/numbers now: change the recipe's input-dataset, then INPUT_DATASET or RELAY_ROUTES"

    test('It is served under its new name, and the lines say what to change.', async () => {
      world.hub.move(dataset, renamed)
      const { isGood, printed } = await reconcile(world.environment())
      expect(isGood).toBe(true)
      expect(sent()).toEqual([digits(renamed)])
      expect(printed).toContain(whatToChange)
    })

    test.each([dataset, renamed])('What recipes saw under the name %s counts.', async (name) => {
      if (name === dataset) await world.write()
      world.hub.move(dataset, renamed)
      if (name === renamed) await world.write({}, { dataset: renamed })
      const { printed } = await reconcile(world.environment())
      expect(sent()).toEqual([])
      expect(printed).toContain(whatToChange)
    })

    test('With its id in the route it goes on, and the lines say so.', async () => {
      const { id } = world.hub.repository(dataset)
      world.hub.move(dataset, renamed)
      const { isGood, printed } = await reconcile(world.environment(routes({ dataset, repository, id })))
      expect(isGood).toBe(true)
      expect(sent()).toEqual([digits(renamed)])
      expect(printed).toContain('acme/digits is called acme/numbers now: its route goes on by the id')
    })

    test('Another dataset under the old name is refused where the route has the id, and its head goes nowhere.', async () => {
      const { id } = world.hub.repository(dataset)
      world.hub.move(dataset, renamed)
      const other = world.hub.createDataset({ name: dataset, files: { 'a.txt': 'not ours' } })
      const { isGood, printed } = await reconcile(world.environment(routes({ dataset, repository, id })))
      expect(isGood).toBe(false)
      expect(printed).toContain(
        `The Hub: acme/digits is the dataset ${other.id}, and its route in RELAY_ROUTES is for ${id}: correct the route's dataset or id.`,
      )
      expect(world.calls('github')).toEqual([])
    })
  })

  describe('Entries that anyone who can write to the repository can make', () => {
    const hostile: [what: string, message: string][] = [
      ['no JSON', '<script>alert(1)</script>'],
      ['a megabyte', 'x'.repeat(1024 * 1024)],
      ['a megabyte of models', JSON.stringify({ models: Array(20_000).fill(`a/b@${'c'.repeat(40)}`) })],
      ['an entry of a later version', JSON.stringify({ version: 9 })],
    ]
    test.each(hostile)('%s counts as no entry, and harms nothing.', async (_what, message) => {
      await world.write({}, { message, key: 'hostile-00000001' })
      await world.write()
      const { isGood } = await reconcile(world.environment())
      expect(isGood).toBe(true)
      expect(sent()).toEqual([])
    })

    test('Names of models that leave their place in an address are not asked for.', async () => {
      const models = ['../../api/whoami-v2', 'a/..', '..', '<script>/x', 'a/b?c'].map(
        (name) => `${name}@${'c'.repeat(40)}`,
      )
      await world.write({ models, reason: '<script>alert(1)</script>' })
      const { isGood } = await reconcile(world.environment())
      expect(isGood).toBe(true)
      expect(world.calls('hub')).toHaveLength(1)
      expect(sent()).toEqual([])
    })

    test('No more than twenty models of a dataset are asked for.', async () => {
      const models = Array.from({ length: 60 }, (_, n) => `acme/model-${n}@${'c'.repeat(40)}`)
      await world.write({ models })
      await reconcile(world.environment())
      expect(world.calls('hub').filter((call) => call.includes('/api/models/'))).toHaveLength(20)
    })
  })
})
