import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { readInputs } from '../../../src/action/runner/inputs.ts'
import { maskSecrets } from '../../../src/action/runner/secrets.ts'
import { Refused } from '../../../src/domain/verdict.ts'

const before = { ...process.env }

beforeEach(() => {
  process.env['INPUT_HF-TOKEN'] = 'hf_ann'
})
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
})

const give = (name: string, value: string) => {
  process.env[`INPUT_${name.toUpperCase()}`] = value
}

describe.each(['webhook-secret', 'webhook-secret-previous'])('The input %s', (name) => {
  test('It is refused, and not shown, when it is short enough to be guessed from a signature.', () => {
    give(name, 'fifteen-letters')
    expect(() => readInputs()).toThrow(
      new Refused(
        `${name} must have at least 16 characters: create one with \`openssl rand -hex 32\`, and set it ` +
          'in the webhook, the relay and this workflow.',
      ),
    )
  })

  test('It may have sixteen characters.', () => {
    give(name, 'sixteen-letters!')
    expect(readInputs().webhookSecrets).toEqual(['sixteen-letters!'])
  })

  test('It may be left out.', () => {
    give(name, '')
    expect(readInputs().webhookSecrets).toEqual([])
  })
})

describe('The input publish-revision', () => {
  test.each(['1d55c3a', '1D55C3A-2', 'data-1d55c3a', 'acme/digits-1d55c3a', 'acme/digits@1d55c3a'])(
    'It may be %s.',
    (name) => {
      give('publish-revision', name)
      expect(readInputs().publishRevision).toBe(name)
    },
  )

  test.each(['main', 'v1.0', '1d55c3', 'acme/digits'])('%s is refused with what works.', (name) => {
    give('publish-revision', name)
    expect(() => readInputs()).toThrow(
      new Refused(
        "publish-revision must be 7 to 40 digits of a dataset's revision (1d55c3a), with -2 for its second attempt, a tag " +
          "(data-1d55c3a), or the name of the run's model (digits-1d55c3a), each also after publish-to and @ " +
          '(acme/digits@1d55c3a).',
      ),
    )
  })
})

test('Tokens and the credentials of a proxy are masked.', () => {
  process.env.HTTPS_PROXY = 'http://ada:p%40ss-word@proxy.test:3128'
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  maskSecrets()
  const printed = write.mock.calls.map(([text]) => String(text))
  write.mockRestore()
  for (const secret of ['hf_ann', 'ada:p%2540ss-word', 'ada:p@ss-word', 'p%2540ss-word', 'p@ss-word']) {
    expect(printed).toContain(`::add-mask::${secret}\n`)
  }
})

test.each(['max_cost', 'max_runs_per_day', 'dry_run', 'hf_token'])(
  'The input %s, in the spelling of the config file, is refused: GitHub would only warn, and it would not count.',
  (name) => {
    give(name, '1')
    expect(() => readInputs()).toThrow(
      new Refused(
        `${name} is the spelling of the config file: as an input of the workflow it is ${name.replaceAll('_', '-')}.`,
      ),
    )
  },
)
