import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Fixture, startFixture, stepOf } from '../../runner/fixture.ts'
import type { RunResult } from '../../runner/step/results.ts'

let fixture: Fixture

beforeEach(async () => {
  fixture = await startFixture({
    main: `
      const { readFileSync } = require('node:fs')
      const { GITHUB_EVENT_PATH, GITHUB_REPOSITORY_ID, GITHUB_WORKFLOW_REF } = process.env
      const { repository } = JSON.parse(readFileSync(GITHUB_EVENT_PATH, 'utf8'))
      console.log(JSON.stringify({ inEvent: repository.id, inEnvironment: GITHUB_REPOSITORY_ID, GITHUB_WORKFLOW_REF }))`,
  })
})
afterEach(() => fixture.close())

const seenBy = (run: RunResult) => JSON.parse(stepOf(run, 'action').rawOutput)

describe('The id of the repository', () => {
  test.each([
    ['dispatch', () => fixture.run()],
    ['start by hand', async () => fixture.runner.finished((await fixture.runner.manual('fixture.yml')).id)],
    ['scheduled run', async () => fixture.runner.finished((await fixture.runner.schedule('fixture.yml')).id)],
  ])('A %s finds it as a number in the event and as text in the environment.', async (_, start) => {
    const { id } = fixture.github.repositories[0]!
    expect(Number.isInteger(id)).toBe(true)
    expect(seenBy(await start())).toEqual({
      inEvent: id,
      inEnvironment: String(id),
      GITHUB_WORKFLOW_REF: 'acme/retrain/.github/workflows/fixture.yml@refs/heads/main',
    })
  })

  test('The API and the event of an accepted dispatch have the same.', async () => {
    const { github } = fixture
    const headers = { authorization: `Bearer ${github.issueToken('acme/retrain', { contents: 'write' })}` }
    const url = `${github.url}/repos/acme/retrain`
    await fetch(`${url}/dispatches`, { method: 'POST', headers, body: '{"event_type":"x"}' })
    const { id } = github.repositories[0]!
    expect(await (await fetch(url, { headers })).json()).toMatchObject({ id })
    expect(github.dispatches[0]?.event).toMatchObject({ repository: { id, full_name: 'acme/retrain' } })
    await fixture.runner.settled()
  })
})
