import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Envelope } from '../../../src/event/envelope.ts'
import { createSign } from '../../../src/event/signature.ts'
import { gitStore } from '../../sandbox/github/git-store.ts'
import { names } from '../../sandbox/world.ts'
import type { ActionRun } from '../stage/action-run.ts'
import { checkEnvelopeFor, envelopeFor } from '../stage/dispatches.ts'
import { claimLines, claims, endClaim, ledgerLines } from '../stage/ledger-records.ts'
import { creations, expectOneTraining } from '../stage/one-training.ts'
import { type Case, type Stage, startStage } from '../stage/stage.ts'
import { type Together, together } from '../stage/together.ts'
import { jobScript, jobsOf, pushModel } from '../stage/trainings.ts'

const hour = 3_600_000
const otherSecret = 'deadbeef00deadbeef00deadbeef0005'

type Envelopes = Partial<Parameters<typeof checkEnvelopeFor>[0]>

const envelopeOf = (of: Case, change: Envelopes = {}) =>
  checkEnvelopeFor({ dataset: of.dataset, sha: of.head(), ...change })
/** Wakes the workflow by the relay's own check of the dataset. */
const check = async (of: Case, change: Envelopes = {}) => of.dispatchRaw(await envelopeOf(of, change))
/** As {@link Case.dispatchRaw}, with changes that are signed. */
const resigned = async (good: Envelope, change: Partial<Envelope>) => {
  const changed = { ...good, ...change }
  return { ...changed, signature: await createSign(names.webhookSecret)(changed) }
}

describe("A check that the relay's own look at the dataset started", () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage.close())

  test.concurrent('A head that no webhook reported is trained, and log, summary and ledger say what found it.', async () => {
    const subject = stage.case()
    subject.workflow(jobScript(pushModel))
    const envelope = await envelopeOf(subject)
    const run = await subject.dispatchRaw(envelope)
    expect(run).toMatchObject({
      verdict: 'succeeded',
      exitCode: 0,
      warnings: [],
      outputs: { revision: subject.head() },
    })
    expect(run.step.log.join('\n')).toContain(
      `The relay's own check of the dataset started this run (delivery ${envelope.id})`,
    )
    const summary = run.summary.replaceAll(/[\\\u2060]/g, '')
    expect(summary).toContain(`the relay's own check of the dataset, delivery \`${envelope.id}\``)
    expect(summary).not.toContain('a commit to the dataset')
    expect(claims(stage, subject.name)).toMatchObject([
      { state: 'succeeded', trigger: 'reconcile', deliveryId: envelope.id, automatic: true, atHead: true },
    ])
  })

  test.concurrent('The same envelope, sent doubled and replayed twice, trains once.', async () => {
    const subject = stage.case()
    const envelope = await envelopeOf(subject)
    const doubled = await Promise.all([subject.dispatchRaw(envelope), subject.dispatchRaw(envelope)])
    expect(doubled.map(({ verdict }) => verdict).sort()).toEqual(['skipped', 'started'])
    for (const replay of [await subject.dispatchRaw(envelope), await subject.dispatchRaw(envelope)]) {
      expect(replay).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    }
    expectOneTraining(stage, subject)
  })

  test.concurrent('Beside the event of the same commit it trains once, whichever comes first.', async () => {
    const subject = stage.case()
    const runs = await Promise.all([check(subject), subject.dispatch(), check(subject)])
    expect(runs.filter(({ verdict }) => verdict === 'started')).toHaveLength(1)
    expectOneTraining(stage, subject)
  })

  test.concurrent('One that names an older commit trains the head of now.', async () => {
    const subject = stage.case()
    const older = subject.head()
    const head = subject.commit()
    const run = await check(subject, { sha: older })
    expect(run).toMatchObject({ verdict: 'started', exitCode: 0, outputs: { revision: head } })
    expect(claims(stage, subject.name)).toMatchObject([{ revision: head }])
  })

  test.concurrent('It does not train again what failed in training: it skips, with a warning that names the way back.', async () => {
    const subject = stage.case()
    subject.workflow(jobScript('echo "ValueError: a typo"; exit 1'))
    expect(await check(subject)).toMatchObject({ verdict: 'failed', exitCode: 1 })
    for (const run of [await check(subject), await check(subject)]) {
      expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
      expect(run.warnings).toEqual([expect.stringMatching(/^Not retrying: .* Fixed it\? Run workflow\./)])
    }
    expect(jobsOf(stage, subject)).toHaveLength(1)
  })

  test.concurrent('What its infrastructure ended is trained again, three times in all, as by events.', async () => {
    const subject = stage.case()
    const runs: ActionRun[] = []
    for (let n = 0; n < 4; n += 1) {
      runs.push(await check(subject))
      const open = claimLines(stage, subject.name).filter(({ record }) => record.state === 'started')
      for (const line of open) {
        endClaim(stage, line, { state: 'failed', cause: 'infrastructure', began: true, trainedMs: 60_000 })
      }
    }
    expect(runs.map(({ verdict }) => verdict)).toEqual(['started', 'started', 'started', 'skipped'])
    expect(runs.at(-1)?.warnings).toEqual([
      expect.stringMatching(/^Not retrying any more: 3 automatic attempts/),
    ])
    expect(creations(subject)).toHaveLength(3)
  })

  test.concurrent('It is no person: force is ignored, with a warning.', async () => {
    const subject = stage.case()
    await subject.dispatch()
    for (const line of claimLines(stage, subject.name)) endClaim(stage, line, { state: 'succeeded' })
    subject.workflow({ force: 'true' })
    const run = await check(subject)
    expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
    expect(run.warnings).toEqual([expect.stringMatching(/^force is ignored: /)])
    expect(creations(subject)).toHaveLength(1)
  })

  test.concurrent('A check of another dataset, or of another branch, starts nothing.', async () => {
    const [subject, other] = [stage.case(), stage.case()]
    for (const change of [{ dataset: other.dataset, sha: other.head() }, { ref: 'refs/heads/dev' }]) {
      const run = await check(subject, change)
      expect(run).toMatchObject({ verdict: 'skipped', exitCode: 0 })
      expect(run.reason).toMatch(/^Not a check for this recipe: /)
    }
    expect(ledgerLines(stage, subject.name)).toEqual([])
  })

  test.concurrent('A dry run that it starts notes that the head waits for an approval, and the next day it is checked again.', async () => {
    const subject = stage.case()
    subject.workflow({ 'dry-run': 'true' })
    const before = Date.now()
    expect(await check(subject)).toMatchObject({ verdict: 'planned', exitCode: 0, warnings: [] })
    const { refs, tags } = gitStore(stage.github.repositories[0]!)
    const [entry] = [...refs].filter(([ref]) => new RegExp(`/seen/.*-${subject.name}-[0-9a-f]{8}$`).test(ref))
    const seen = JSON.parse(tags.get(entry?.[1] ?? '')?.message ?? 'null')
    expect(seen).toMatchObject({ revision: subject.head(), verdict: 'planned' })
    const ahead = Date.parse(seen.again) - before
    expect([ahead >= 24 * hour, ahead < 25 * hour]).toEqual([true, true])
    expect(ledgerLines(stage, subject.name)).toEqual([])
  })
})

describe('A dataset that was renamed', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await startStage()
  })
  afterAll(() => stage.close())

  const kinds = [
    ['an event', envelopeFor],
    ["the relay's own check", checkEnvelopeFor],
  ] as const

  test.concurrent.each(kinds)(
    'The new head is trained by %s under its new name, where the recipe has the old one.',
    async (_what, seal) => {
      const subject = stage.case()
      subject.workflow(jobScript(pushModel))
      const renamed = `${subject.dataset}-renamed`
      stage.hub.rename(subject.dataset, renamed)
      const { sha } = stage.hub.commit(renamed, { files: { 'train/3/new.txt': 'three' } })
      const run = await subject.dispatchRaw(await seal({ dataset: renamed, sha }))
      expect(run).toMatchObject({ verdict: 'succeeded', outputs: { revision: sha } })
    },
  )

  test.concurrent.each(kinds)(
    'The id of the dataset is enough, whatever the name that %s has, and another id is not.',
    async (_what, seal) => {
      const subject = stage.case()
      const { id } = stage.hub.repository(subject.dataset)
      const sha = subject.head()
      const named = await seal({ dataset: 'acme/as-the-relay-knew-it', sha })
      const withId = (repoId: string) => {
        const body = JSON.parse(named.body) as { repo: object }
        return resigned(named, { body: JSON.stringify({ ...body, repo: { ...body.repo, id: repoId } }) })
      }
      expect(await subject.dispatchRaw(await withId('0'.repeat(24)))).toMatchObject({
        verdict: 'skipped',
        reason: expect.stringMatching(
          /^Not an? (?:event|check) for this recipe: this dataset is not watched\.$/,
        ),
      })
      expect(await subject.dispatchRaw(await withId(id))).toMatchObject({
        verdict: 'started',
        outputs: { revision: sha },
      })
      expect(creations(subject)).toHaveLength(1)
    },
  )
})

describe('An envelope that is refused', () => {
  interface Refusal {
    title: string
    payload: (of: Case, good: Envelope) => object | Promise<object>
    reason: RegExp
  }
  const notSigned = /^The envelope was not signed with webhook-secret/
  const refusals: Refusal[] = [
    {
      title: 'signed with another secret',
      payload: (of) => envelopeOf(of, { secret: otherSecret }),
      reason: notSigned,
    },
    {
      title: 'made of the event of a webhook, whose action was replaced',
      payload: async (of) => {
        const event = await envelopeFor({ dataset: of.dataset, sha: of.head() })
        return { ...event, body: event.body.replace('"update"', '"reconcile"') }
      },
      reason: notSigned,
    },
    {
      title: 'with the commit of another head',
      payload: (_of, good) => ({ ...good, body: good.body.replaceAll(good.sha, 'f'.repeat(40)) }),
      reason: notSigned,
    },
    {
      title: 'without a signature',
      payload: (_of, good) => ({ ...good, signature: undefined }),
      reason: /^The envelope has no signature/,
    },
    {
      title: 'older than max-age',
      payload: (of) => envelopeOf(of, { now: Date.now() - 25 * hour }),
      reason:
        /^The envelope is 9\d{4} seconds old \(max-age allows 86400\): start the workflow by hand, wait for the relay's next check/,
    },
    {
      title: 'dated an hour ahead',
      payload: (of) => envelopeOf(of, { now: Date.now() + hour }),
      reason: /^The envelope is dated 3[56]\d\d seconds in the future/,
    },
    {
      title: 'whose dataset is not the one of its signed body',
      payload: (_of, good) => ({ ...good, dataset: 'acme/other' }),
      reason:
        /^The envelope's "dataset" does not match its signed body.*The relay's next check sends another\.$/,
    },
    {
      title: 'whose sha is not the one of its signed body',
      payload: (_of, good) => ({ ...good, sha: 'f'.repeat(40) }),
      reason: /^The envelope's "sha" does not match its signed body/,
    },
  ]

  let stage: Stage
  let runs: Together<Refusal, ActionRun>

  beforeAll(async () => {
    stage = await startStage()
    runs = together(refusals, async ({ payload }) => {
      const subject = stage.case()
      return subject.dispatchRaw(await payload(subject, await envelopeOf(subject)))
    })
  })
  afterAll(() => stage.close())

  test.each(refusals)('It buys nothing and calls no service: $title.', async (row) => {
    const run = await runs.of(row)
    expect(run).toMatchObject({ verdict: 'refused', exitCode: 1, errors: [run.reason] })
    expect(run.reason).toMatch(row.reason)
    await Promise.all(refusals.map((each) => runs.of(each)))
    expect([stage.hub.requests, stage.autotrain.requests, stage.github.requests]).toEqual([[], [], []])
  })
})
