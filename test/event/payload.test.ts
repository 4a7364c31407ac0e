import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseHubEvent } from '../../src/event/payload.ts'
import { eventOf, payload, payloadsByScope, pushPayload, shaOf, withValue } from './hub-payload.ts'

test('A commit on main is parsed with its event, repository and revisions.', () => {
  expect(parseHubEvent(pushPayload())).toEqual({
    ok: true,
    event: {
      event: { action: 'update', scope: 'repo.content' },
      repo: {
        type: 'dataset',
        name: 'acme/digits',
        id: '621ffdc036468d709f174328',
        private: false,
        headSha: shaOf('b'),
      },
      updatedRefs: [{ ref: 'refs/heads/main', oldSha: shaOf('a'), newSha: shaOf('b') }],
      webhook: { id: '6390e855e30d9209411de93b', version: 3 },
    },
  })
})

describe('A payload that the Hub extends or changes', () => {
  test.each(Object.entries(payloadsByScope))(
    'A version 3 payload of scope %s is accepted.',
    (scope, make) => {
      expect(eventOf(make()).event.scope).toBe(scope)
    },
  )

  test.each(['repo.config.dois', 'repo.content.x', 'repo.access', 'collection', ''])(
    'A payload with the unknown scope "%s" is accepted.',
    (scope) => {
      expect(eventOf(pushPayload({ event: { action: 'update', scope } })).event.scope).toBe(scope)
    },
  )

  test('A payload of version 4 is accepted, and its version is kept.', () => {
    expect(eventOf(withValue(pushPayload(), 'webhook.version', 4)).webhook?.version).toBe(4)
  })

  test('An unknown action is accepted.', () => {
    expect(eventOf(withValue(pushPayload(), 'event.action', 'archive')).event.action).toBe('archive')
  })

  test('Unknown fields are accepted at every level and left out.', () => {
    const grown = pushPayload({
      sentAt: '2026-11-24T08:00:00Z',
      event: { action: 'update', scope: 'repo.content', actor: 'someone' },
      repo: { type: 'dataset', name: 'acme/digits', gated: 'auto', tags: ['x'] },
      webhook: { id: 'w', version: 3, name: 'mine' },
      updatedRefs: [{ ref: 'refs/heads/main', oldSha: null, newSha: shaOf('b'), forced: true }],
    })
    expect(eventOf(grown)).toEqual({
      event: { action: 'update', scope: 'repo.content' },
      repo: { type: 'dataset', name: 'acme/digits' },
      webhook: { id: 'w', version: 3 },
      updatedRefs: [{ ref: 'refs/heads/main', oldSha: null, newSha: shaOf('b') }],
    })
  })

  test.each([
    'repo.id',
    'repo.private',
    'repo.url',
    'repo.owner',
    'repo.headSha',
    'webhook.id',
    'webhook',
    'updatedRefs',
  ])('A payload without %s is accepted.', (path) => {
    expect(parseHubEvent(withValue(pushPayload(), path, undefined)).ok).toBe(true)
  })

  test.each([
    ['repo.url', 'https://hub.test'],
    ['repo.owner', 7],
    ['repo.tags', 'none'],
    ['updatedConfig', []],
    ['movedTo', 'acme/numbers'],
    ['discussion', 12],
    ['comment', null],
  ])('A payload whose unused field %s has another type is accepted.', (path, value) => {
    expect(parseHubEvent(withValue(pushPayload(), path, value)).ok).toBe(true)
  })

  test.each([
    ['repo.id', 12],
    ['repo.private', 'yes'],
    ['webhook', 'w1'],
  ])('The forwarded field %s is left out when it has another type.', (path, value) => {
    const event = eventOf(withValue(pushPayload(), path, value))
    const found = path === 'webhook' ? event.webhook : event.repo[path === 'repo.id' ? 'id' : 'private']
    expect(found).toBeUndefined()
  })

  test('The id of the webhook is kept when its version has another type.', () => {
    expect(eventOf(withValue(pushPayload(), 'webhook.version', 'three')).webhook).toEqual({
      id: '6390e855e30d9209411de93b',
      version: undefined,
    })
  })

  test.each(['acme/digits', 'squad', 'A.b-c_d/E.f-g_h', `${'o'.repeat(96)}/${'n'.repeat(96)}`])(
    'The repository name %s is accepted.',
    (name) => {
      expect(eventOf(withValue(pushPayload(), 'repo.name', name)).repo.name).toBe(name)
    },
  )

  test('A revision of a SHA-256 repository, 64 hex digits, is accepted.', () => {
    const revision = 'c'.repeat(64)
    expect(eventOf(withValue(payload(), 'repo.headSha', revision)).repo.headSha).toBe(revision)
  })
})

describe('A field that the filter needs', () => {
  test.each([
    ['event', undefined],
    ['event.action', undefined],
    ['event.action', 5],
    ['event.scope', undefined],
    ['event.scope', ['repo.content']],
    ['repo', undefined],
    ['repo', 'acme/digits'],
    ['repo.type', undefined],
    ['repo.type', 1],
    ['repo.name', undefined],
    ['repo.name', { name: 'acme/digits' }],
    ['repo.headSha', 'main'],
    ['repo.headSha', 5],
    ['updatedRefs', 'refs/heads/main'],
    ['updatedRefs', {}],
  ])('%s = %j is reported as wrong.', (path, value) => {
    const parsed = parseHubEvent(withValue(pushPayload(), path, value))
    expect(parsed).toMatchObject({ ok: false, fields: [expect.stringContaining(path)] })
  })

  test.each([
    '',
    'a/b/c',
    'a/b";id;#',
    'a/$(id)',
    'a/`id`',
    'a/b\n',
    '\na/b',
    'a b/c',
    'a/',
    '/b',
    `a/${'b'.repeat(97)}`,
    'a/ü',
  ])('The repository name %j is refused.', (name) => {
    expect(parseHubEvent(withValue(pushPayload(), 'repo.name', name))).toEqual({
      ok: false,
      fields: ['repo.name'],
    })
  })

  test.each(['', 'HEAD', 'b'.repeat(39), 'b'.repeat(41), 'B'.repeat(40), `${'b'.repeat(40)}\n`, '$(id)'])(
    'The revision %j is refused.',
    (newSha) => {
      const updatedRefs = [{ ref: 'refs/heads/main', oldSha: null, newSha }]
      expect(parseHubEvent(pushPayload({ updatedRefs }))).toEqual({
        ok: false,
        fields: ['updatedRefs.0.newSha'],
      })
    },
  )

  test('A ref that is empty or longer than 1024 characters is refused.', () => {
    const updatedRefs = ['', 'r'.repeat(1025)].map((ref) => ({ ref, oldSha: null, newSha: null }))
    expect(parseHubEvent(pushPayload({ updatedRefs }))).toEqual({
      ok: false,
      fields: ['updatedRefs.0.ref', 'updatedRefs.1.ref'],
    })
  })

  test.each([undefined, null, 5, 'text', true, []])('%j instead of a payload is refused.', (value) => {
    expect(parseHubEvent(value)).toEqual({ ok: false, fields: ['(the whole body)'] })
  })

  test('At most ten wrong fields are reported.', () => {
    const updatedRefs = Array.from({ length: 50 }, () => ({ ref: 'refs/heads/main', newSha: 'x' }))
    const parsed = parseHubEvent(pushPayload({ updatedRefs }))
    expect(parsed.ok ? [] : parsed.fields).toHaveLength(10)
  })

  test('Wrong fields are reported by their paths only, without their values.', () => {
    const parsed = parseHubEvent(withValue(pushPayload(), 'repo.name', '<script>'))
    expect(JSON.stringify(parsed)).not.toContain('script')
  })
})

test('No JSON value makes the parser throw.', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(typeof parseHubEvent(value).ok).toBe('boolean')
      expect(typeof parseHubEvent(pushPayload({ repo: value, updatedRefs: value })).ok).toBe('boolean')
    }),
  )
})
