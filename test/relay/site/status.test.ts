import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { dataset as eventDataset, hubEvent } from '../event.ts'
import { type HeldRelay, startHeldRelay } from '../reconcile/held-relay.ts'
import { dataset, otherRepository, relayToken, repository, routes } from '../reconcile/sandbox.ts'
import { hour, minute } from '../reconcile/situation.ts'
import { readMetrics } from './prometheus.ts'

const dispatches = /\/repos\/acme\/retrain\/dispatches/
const adminToken = 'open-sesame-open-sesame'
const admin = { authorization: `Bearer ${adminToken}` }
let relay: HeldRelay

beforeEach(async () => {
  relay = await startHeldRelay({ RELAY_ADMIN_TOKEN: adminToken })
})

afterEach(() => relay.close())

async function startWith(...all: object[]): Promise<void> {
  await relay.close()
  relay = await startHeldRelay({ RELAY_ADMIN_TOKEN: adminToken, ...routes(...all) })
}
const send = (name: string = eventDataset) => relay.deliver(hubEvent({ repo: { name } }))
const ready = async () => {
  const { status, text } = await relay.get('/readyz')
  return { status, json: JSON.parse(text) }
}
const page = async (headers = {}) => (await relay.get('/', headers)).text

describe('How the last dispatch ended', () => {
  test('Before the first dispatch /readyz goes by the token and the repository alone.', async () => {
    expect(await ready()).toMatchObject({ status: 200, json: { ready: true, lastDispatch: 'none' } })
    expect(await page()).not.toContain('last dispatch')
  })

  test.each([
    [404, 502, 'refused'],
    [422, 502, 'refused'],
    [500, 503, 'unavailable'],
  ])(
    'After a dispatch that GitHub answers with %i nothing says Ready, until one is accepted.',
    async (...row) => {
      const [status, answered, outcome] = row
      relay.world.github.fault({ path: dispatches, status, body: { message: 'Not Found' } })
      expect(await send()).toBe(answered)
      expect(await ready()).toMatchObject({
        status: 503,
        json: { ready: false, token: 'accepted', reachable: 1, lastDispatch: outcome },
      })
      const text = await page()
      expect(text).toContain(
        'Not ready: GitHub did not accept the last event for every repository, and the Hub sends it again.',
      )
      expect(text).toContain(
        'GitHub did not accept the last dispatch to 1 of 1 repositories: the log says why.',
      )
      expect(text).not.toContain('Ready: GitHub accepts the token')
      expect(await send()).toBe(202)
      relay.clock.advance(3 * minute)
      expect(await ready()).toMatchObject({ status: 200, json: { ready: true, lastDispatch: 'accepted' } })
      expect(await page()).toContain(
        'GitHub accepted the last dispatch to each repository (the newest 3 minutes ago).',
      )
    },
  )

  test('A reconcile that GitHub accepts heals it too.', async () => {
    relay.world.github.fault({ path: dispatches, status: 404 })
    await send()
    expect(await ready()).toMatchObject({ status: 503 })
    relay.clock.advance(4 * minute)
    await relay.reconcile()
    expect(await ready()).toMatchObject({ status: 200 })
  })

  test('An accepted dispatch to one repository does not hide a refused one to another.', async () => {
    await startWith(
      { dataset: eventDataset, repository },
      { dataset: 'acme/letters', repository: otherRepository },
    )
    relay.world.github.fault({ path: dispatches, status: 404 })
    await send()
    expect(await send('acme/letters')).toBe(202)
    expect(await ready()).toMatchObject({
      status: 503,
      json: { ready: false, repositories: 2, reachable: 2, lastDispatch: 'refused' },
    })
    expect(await page()).toContain('the last dispatch to 1 of 2 repositories: the log says why.')
    const { values } = readMetrics((await relay.get('/metrics')).text)
    expect(values.get('auto_retrain_failed_repositories')).toBe(1)
  })
})

describe('The last reconcile', () => {
  test('Before it, and where nothing reconciles, it is null and on no page.', async () => {
    expect(await ready()).toMatchObject({ json: { reconcile: null } })
    expect(await page()).not.toContain('reconcile')
  })

  test('/readyz and the page say when it was and what waits.', async () => {
    relay.clock.advance(2 * hour + 4 * minute)
    await relay.reconcile()
    relay.clock.advance(3 * minute)
    expect((await ready()).json.reconcile).toEqual({
      at: '2026-11-02T11:24:00.000Z',
      routes: 1,
      failed: 0,
      dispatched: 1,
      unseenSeconds: 3 * 3600 + 300,
    })
    const text = await page()
    expect(text).toContain(
      'The last reconcile compared every watched head with what was seen (3 minutes ago).',
    )
    expect(text).toContain(
      'class="bad"><span class="mark">Failed</span> The oldest head with something to do has waited for 3 hours.',
    )
  })

  test('A failure is on the page and in /readyz, and does not make the relay unready.', async () => {
    relay.world.hub.fault({ path: /revision/, status: 404, times: 9 })
    await relay.reconcile()
    expect(await ready()).toMatchObject({ status: 200, json: { reconcile: { routes: 1, failed: 1 } } })
    expect(await page()).toContain(
      'The last reconcile failed for 1 of 1 routes (0 seconds ago): the log says why.',
    )
  })

  test('With the password the page lists the routes, and escapes what comes from outside.', async () => {
    const words = '<script>alert(1)</script> "quoted" & more'
    relay.world.hub.fault({ path: /revision/, status: 404, body: { error: words }, times: 9 })
    await relay.reconcile()
    const text = await page(admin)
    expect(text).toContain('<h2 id="looks">Last reconcile</h2>')
    expect(text).toContain(`<span class="mark bad">Failed</span> ${dataset}`)
    expect(text).toContain('refs/heads/main for acme/retrain')
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(text).not.toContain('<script')
  })

  test('With the password the page names each way in which a look can end.', async () => {
    await startWith(
      { dataset, repository },
      { dataset: 'acme/letters', repository },
      { dataset: 'acme/none', repository },
      { dataset: 'acme/*', repository: otherRepository },
    )
    await relay.world.write()
    relay.clock.advance(4 * minute)
    await relay.reconcile()
    const text = await page(admin)
    for (const [name, tone, of] of [
      ['Nothing to do', 'quiet', dataset],
      ['Dispatched', 'good', 'acme/letters'],
      ['Failed', 'bad', 'acme/none'],
      ['Not reconciled', 'quiet', 'acme/*'],
    ]) {
      expect(text).toContain(`<span class="mark ${tone}">${name}</span> ${of}`)
    }
    expect((await ready()).json.reconcile).toMatchObject({ routes: 3, failed: 1, dispatched: 1 })
  })
})

describe('/metrics', () => {
  test('It has the text format of Prometheus, with and without a reconcile.', async () => {
    await send()
    const first = await relay.fetch(new Request('http://relay.example/metrics'))
    expect(first.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const { types, values } = readMetrics(await first.text())
    expect(types.get('auto_retrain_deliveries_total')).toBe('counter')
    expect(values.get('auto_retrain_deliveries_total{outcome="dispatched"}')).toBe(1)
    expect(values.get('auto_retrain_deliveries_total{outcome="not-json"}')).toBe(0)
    expect(values.has('auto_retrain_unseen_seconds')).toBe(false)
    relay.clock.advance(hour)
    await relay.reconcile()
    const { values: later } = readMetrics((await relay.get('/metrics')).text)
    expect(Object.fromEntries(later)).toMatchObject({
      auto_retrain_failed_repositories: 0,
      auto_retrain_unseen_seconds: 2 * 3600 - 120,
      auto_retrain_reconcile_timestamp_seconds: relay.clock.now() / 1000,
      auto_retrain_reconcile_routes: 1,
      auto_retrain_reconcile_failed_routes: 0,
    })
  })

  test('Without the password no page names a dataset, a repository or a token.', async () => {
    relay.world.github.fault({ path: dispatches, status: 404, times: 9 })
    await send()
    relay.world.hub.move(dataset, 'acme/numbers')
    relay.clock.advance(hour)
    await relay.reconcile()
    for (const path of ['/', '/readyz', '/metrics', '/deliveries']) {
      const { text } = await relay.get(path)
      expect(text).not.toMatch(/acme|digits|numbers/)
      expect(text).not.toContain(relayToken)
    }
    expect(await page()).toContain('A watched dataset was renamed: see the log.')
  })
})

describe('The checker of the format', () => {
  const good = '# HELP a_total A.\n# TYPE a_total counter\na_total{b="c"} 1\n'
  test.each([
    ['no line end', good.slice(0, -1)],
    ['a sample before its TYPE', 'a_total 1\n# HELP a_total A.\n# TYPE a_total counter\n'],
    ['two TYPE lines', good.replace('a_total{', '# TYPE a_total counter\na_total{')],
    ['no number', good.replace(' 1\n', ' undefined\n')],
    ['a label without quotes', good.replace('"c"', 'c')],
    ['a counter with another name', good.replaceAll('a_total', 'a')],
  ])('The checker of the format refuses %s.', (_what, text) => {
    expect(readMetrics(good).values.get('a_total{b="c"}')).toBe(1)
    expect(() => readMetrics(text)).toThrow()
  })
})
