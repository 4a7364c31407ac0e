import { expect } from '@jest/globals'
import { claims } from './ledger-records.ts'
import type { Case, Stage } from './stage.ts'

/** The calls that made a project of a case. */
export function creations(subject: Case): string[] {
  return subject.projects().flatMap(({ calls }) => calls.filter((call) => call === 'create'))
}

/** One project was made, one record tells of it, and one discussion. */
export function expectOneTraining(stage: Stage, subject: Case): void {
  expect(creations(subject)).toHaveLength(1)
  expect(claims(stage, subject.name)).toMatchObject([{ attempt: 1, state: 'started' }])
  expect(stage.hub.discussions(subject.dataset)).toHaveLength(1)
}
