import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Delivery } from '../../sandbox/hub/webhooks/deliveries.ts'
import { names } from '../../sandbox/world.ts'
import { claims } from '../stage/ledger-records.ts'
import { type Stage, startStage } from '../stage/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await startStage()
})
afterAll(() => stage.close())

test('Whatever the webhooks watch, one commit leads to one training: what the action writes starts nothing.', async () => {
  const subject = stage.case({ name: 'loop' })
  const relay = await stage.connectRelay({ EVENT_TYPE: subject.name })
  const webhook = (watched: { type: 'dataset' | 'org'; name: string }) =>
    stage.hub.webhook({
      url: `${relay.url}/webhook`,
      secret: names.webhookSecret,
      watched: [watched],
      domains: ['repo', 'discussion'],
    })
  webhook({ type: 'dataset', name: subject.dataset })
  webhook({ type: 'org', name: names.org })
  const before = stage.hub.deliveries.length
  const runsBefore = stage.runner.runs.length

  subject.commit()
  for (let known = -1; known !== stage.hub.deliveries.length; ) {
    known = stage.hub.deliveries.length
    await stage.settled()
  }
  // What comes of the training, once a person has launched it.
  stage.hub.createModel({
    name: `${names.org}/${subject.projects()[0]?.name}`,
    files: { 'model.bin': '1' },
  })
  await stage.settled()

  const deliveries: Delivery[] = stage.hub.deliveries.slice(before)
  const dispatched = deliveries.filter(({ attempts }) => attempts[0]?.status === 202)
  const kinds = deliveries.map(
    ({ payload: { event, repo } }) => `${repo.type} ${event.scope} ${event.action}`,
  )
  // Both webhooks tell of the commit; they also tell of the discussion, and one of the model.
  expect(new Set(kinds)).toEqual(
    new Set([
      'dataset repo.content update',
      'dataset discussion create',
      'model repo create',
      'model repo.content update',
    ]),
  )
  expect(dispatched.map(({ payload }) => payload.event.scope)).toEqual(['repo.content', 'repo.content'])
  expect(stage.runner.runs.slice(runsBefore)).toHaveLength(2)
  expect(subject.projects().map(({ calls }) => calls[0])).toEqual(['create'])
  expect(claims(stage, subject.name)).toHaveLength(1)
  expect(stage.hub.discussions(subject.dataset)).toHaveLength(1)
})
