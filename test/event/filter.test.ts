import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { defaultRef } from '../../src/domain/revision.ts'
import { filterEvent } from '../../src/event/filter.ts'
import { reconcileEvent } from '../../src/event/reconcile.ts'
import { eventOf, type Payload, payloadsByScope, pushPayload, shaOf, withValue } from './hub-payload.ts'

const watched = { dataset: 'acme/digits', ref: defaultRef }
const oldSha = shaOf('a')
const newSha = shaOf('b')

const decide = (payload: Payload, watch: Partial<typeof watched> = {}) =>
  filterEvent(eventOf(payload), { ...watched, ...watch })

test('A commit on main of the watched dataset passes with its new and old revision.', () => {
  expect(decide(pushPayload())).toEqual({
    passed: true,
    rule: 'refs/heads/main moved',
    revision: newSha,
    oldRevision: oldSha,
  })
})

describe('Every scope, ref and pair of revisions', () => {
  const scopes = [
    ...Object.keys(payloadsByScope),
    'repo.content.x',
    'repo.content.lfs.y',
    'repo.config.dois',
    'repo.contents',
    'repo.content.',
    'repo.',
    'content',
    'discussion.content',
  ]
  const content = ['repo.content', 'repo.content.x', 'repo.content.lfs.y', 'repo.content.']
  const refs = [
    defaultRef,
    'refs/heads/dev',
    'refs/heads/main2',
    'refs/heads/Main',
    'refs/pr/5',
    'refs/convert/parquet',
    'refs/convert/duckdb',
    'refs/tags/main',
    'refs/tags/v1',
    'main',
  ]
  const moves = [
    { old: oldSha, new: newSha, name: 'moved', passes: true },
    { old: null, new: newSha, name: 'created', passes: true },
    { old: oldSha, new: null, name: 'deleted', passes: false },
    { old: null, new: null, name: 'created and deleted', passes: false },
    { old: newSha, new: newSha, name: 'not moved', passes: false },
  ]
  const table = scopes.flatMap((scope) =>
    refs.flatMap((ref) =>
      moves.map((move) => {
        const passes = content.includes(scope) && ref === defaultRef && move.passes
        return {
          title: `scope ${scope}, ${ref} ${move.name}: ${passes ? 'ours' : 'not ours'}`,
          scope,
          ref,
          move,
          passes,
        }
      }),
    ),
  )

  test.each(table)('$title', ({ scope, ref, move, passes }) => {
    const result = decide(
      pushPayload({
        event: { action: 'update', scope },
        updatedRefs: [{ ref, oldSha: move.old, newSha: move.new }],
      }),
    )
    expect(result.passed).toBe(passes)
    expect(result.rule).not.toBe('')
  })
})

describe('The action of an event', () => {
  test.each(['create', 'delete', 'move', 'archive', 'Update', ''])(
    'The action "%s" on repo.content is rejected.',
    (action) => {
      expect(decide(withValue(pushPayload(), 'event.action', action))).toMatchObject({ passed: false })
    },
  )

  test.each(['create', 'delete', 'move', 'update'])(
    'The action "%s" on a narrower scope counts as an update of repo.content.',
    (action) => {
      expect(decide(pushPayload({ event: { action, scope: 'repo.content.x' } }))).toMatchObject({
        passed: true,
      })
    },
  )
})

describe('An event with several refs', () => {
  const main = { ref: defaultRef, oldSha, newSha }
  const pullRequest = { ref: 'refs/pr/5', oldSha: null, newSha: shaOf('c') }
  const tag = { ref: 'refs/tags/v1', oldSha: null, newSha }

  test.each([
    ['before', [pullRequest, tag, main]],
    ['after', [main, pullRequest, tag]],
  ])('Only main counts when pull requests and tags are %s it.', (_, updatedRefs) => {
    expect(decide(pushPayload({ updatedRefs }))).toMatchObject({ passed: true, revision: newSha })
  })

  test('It is rejected when main is not among them, and the rule names the refs that moved.', () => {
    expect(decide(pushPayload({ updatedRefs: [pullRequest, tag] }))).toEqual({
      passed: false,
      rule: 'refs/heads/main did not move, only refs/pr/5, refs/tags/v1',
    })
  })

  test('The rule shortens a long list of refs.', () => {
    const updatedRefs = Array.from({ length: 9 }, (_, n) => ({ ...pullRequest, ref: `refs/pr/${n}` }))
    expect(decide(pushPayload({ updatedRefs })).rule).toBe(
      'refs/heads/main did not move, only refs/pr/0, refs/pr/1, refs/pr/2 and 6 more',
    )
  })

  test('It is rejected when the list is empty, although it has a head revision.', () => {
    expect(decide(pushPayload({ updatedRefs: [] }))).toMatchObject({ passed: false })
  })

  test('The entry that moved main decides when main is in the list twice.', () => {
    const updatedRefs = [{ ...main, newSha: null }, main]
    expect(decide(pushPayload({ updatedRefs }))).toMatchObject({ passed: true, revision: newSha })
  })

  test("The ref's new revision counts, not the head revision, which is always main's.", () => {
    const updatedRefs = [{ ref: 'refs/heads/dev', oldSha, newSha: shaOf('d') }]
    expect(decide(pushPayload({ updatedRefs }), { ref: 'refs/heads/dev' })).toMatchObject({
      passed: true,
      revision: shaOf('d'),
    })
  })
})

describe('An event without a list of refs', () => {
  test.each([
    ['missing', undefined],
    ['null', null],
  ])('The head revision decides when the list is %s.', (_, refs) => {
    expect(decide(withValue(pushPayload(), 'updatedRefs', refs))).toEqual({
      passed: true,
      rule: 'the event has the head of main',
      revision: newSha,
      oldRevision: null,
    })
  })

  test('It is rejected when another branch than main is watched.', () => {
    expect(decide(withValue(pushPayload(), 'updatedRefs', undefined), { ref: 'refs/heads/dev' })).toEqual({
      passed: false,
      rule: 'the event lists no refs, and the watched branch is refs/heads/dev, not main',
    })
  })

  test.each([
    ['missing', undefined],
    ['null', null],
  ])('It is rejected when the head revision is %s too.', (_, head) => {
    const bare = withValue(pushPayload(), 'updatedRefs', undefined)
    expect(decide(withValue(bare, 'repo.headSha', head))).toMatchObject({ passed: false })
  })
})

describe('A watched branch other than main', () => {
  const updatedRefs = [{ ref: 'refs/heads/dev', oldSha, newSha }]

  test('A commit on the watched branch passes.', () => {
    expect(decide(pushPayload({ updatedRefs }), { ref: 'refs/heads/dev' })).toMatchObject({ passed: true })
  })

  test('A commit on main is rejected.', () => {
    expect(decide(pushPayload(), { ref: 'refs/heads/dev' })).toEqual({
      passed: false,
      rule: 'refs/heads/dev did not move, only refs/heads/main',
    })
  })
})

describe('The repository of an event', () => {
  test.each(['model', 'space', 'Dataset', ''])(
    'A "%s" with the name of the watched dataset is rejected.',
    (type) => {
      const result = decide(withValue(pushPayload(), 'repo.type', type))
      expect(result).toMatchObject({ passed: false, rule: expect.stringContaining('not a dataset') })
    },
  )

  test('A dataset with another name is rejected.', () => {
    expect(decide(withValue(pushPayload(), 'repo.name', 'acme/letters'))).toEqual({
      passed: false,
      rule: 'this dataset is not watched',
    })
  })

  test.each(['acme/digits2', 'acme/digit', 'acm/digits', 'digits', 'evil/acme'])(
    'The dataset %s with a similar name is rejected.',
    (name) => {
      expect(decide(withValue(pushPayload(), 'repo.name', name)).passed).toBe(false)
    },
  )

  test('A name that differs in case is rejected, and the rule names the case as the reason.', () => {
    expect(decide(withValue(pushPayload(), 'repo.name', 'Acme/Digits'))).toEqual({
      passed: false,
      rule: "the dataset's name differs from the watched one in upper and lower case only: write it as the Hub does",
    })
  })

  test('Without a watched dataset any dataset passes, but no model.', () => {
    const any = { ref: defaultRef }
    expect(filterEvent(eventOf(withValue(pushPayload(), 'repo.name', 'x/y')), any).passed).toBe(true)
    expect(filterEvent(eventOf(withValue(pushPayload(), 'repo.type', 'model')), any).passed).toBe(false)
  })

  test('A renamed dataset (move) is rejected, because its content did not change.', () => {
    const moved = pushPayload({
      event: { action: 'move', scope: 'repo' },
      movedTo: { name: 'acme/numbers', owner: { id: '1' } },
    })
    expect(decide(moved).passed).toBe(false)
  })
})

test('The rule shortens a ref that is too long.', () => {
  const updatedRefs = [{ ref: `refs/heads/${'x'.repeat(1000)}`, oldSha, newSha }]
  expect(decide(pushPayload({ updatedRefs })).rule.length).toBeLessThan(200)
})

test('The rule is one short line without control characters or markup for any event.', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1000 }),
    fc.constant('::error::<b>|`\n'),
  )
  fc.assert(
    fc.property(hostile, hostile, hostile, (scope, action, ref) => {
      const updatedRefs = [{ ref, oldSha, newSha }]
      for (const shape of [
        pushPayload({ event: { action, scope } }),
        pushPayload({ event: { action, scope: 'repo.content' } }),
        withValue(pushPayload(), 'repo.type', scope),
        pushPayload({ updatedRefs }),
      ]) {
        const { rule } = decide(shape)
        expect(rule).toMatch(/^[\w./*:+,? '-]+$/)
        expect(rule.length).toBeLessThan(200)
      }
    }),
  )
})

test.each([
  ['composed', 'decomposed', 'refs/heads/é', 'refs/heads/e\u0301'],
  ['decomposed', 'composed', 'refs/heads/e\u0301', 'refs/heads/é'],
])('A branch that is watched %s matches the same name %s.', (_a, _b, ref, moved) => {
  const payload = withValue(pushPayload(), 'updatedRefs.0.ref', moved)
  expect(decide(payload, { ref })).toMatchObject({ passed: true, revision: newSha })
})

describe("A check that the relay's own look at a dataset asks for", () => {
  const seen = { dataset: 'acme/digits', ref: defaultRef, revision: newSha }
  const check = reconcileEvent({ ...seen, id: '621ffdc036468d709f174328', isPrivate: false })

  test('It passes with its revision once the signed envelope was opened.', () => {
    expect(filterEvent(check, { ...watched, isOpened: true })).toEqual({
      passed: true,
      rule: 'a check of refs/heads/main is asked for',
      revision: newSha,
      oldRevision: null,
    })
  })

  test.each(['repo.content', 'repo.content.x', 'repo', 'repo.config', 'discussion'])(
    'In a body of a webhook it is rejected, and the rule says where it counts: scope %s.',
    (scope) => {
      const event = { ...check, event: { action: 'reconcile', scope } }
      for (const options of [watched, { ...watched, isOpened: false }]) {
        expect(filterEvent(event, options)).toEqual({
          passed: false,
          rule: 'the action is reconcile, which counts only in an envelope that the relay signed',
        })
      }
    },
  )

  test('Another dataset or branch is rejected, also in an opened envelope.', () => {
    const opened = { ...watched, isOpened: true }
    expect(filterEvent(check, { ...opened, dataset: 'acme/letters' }).passed).toBe(false)
    expect(filterEvent(check, { ...opened, ref: 'refs/heads/dev' })).toEqual({
      passed: false,
      rule: 'a check of refs/heads/main is asked for, not of refs/heads/dev',
    })
    for (const updatedRefs of [undefined, null, []]) {
      expect(filterEvent({ ...check, updatedRefs }, opened)).toEqual({
        passed: false,
        rule: 'a check of no branch is asked for, not of refs/heads/main',
      })
    }
    const model = { ...check, repo: { ...check.repo, type: 'model' } }
    expect(filterEvent(model, opened).passed).toBe(false)
  })

  test('Other actions pass no more easily because the envelope was opened.', () => {
    const moved = eventOf(withValue(pushPayload(), 'event.action', 'move'))
    expect(filterEvent(moved, { ...watched, isOpened: true }).passed).toBe(false)
  })
})
