import { expect, test } from '@jest/globals'
import { checkReconcilable, readSettings, secretsOf } from '../../../src/relay/settings/settings.ts'

const good = {
  WEBHOOK_SECRET: '0123456789abcdef',
  GITHUB_TOKEN: 'github_pat_x',
  GITHUB_REPOSITORY: 'acme/retrain',
}

test.each([
  ['1m', 60_000],
  ['15m', 900_000],
  [' "24h" ', 86_400_000],
  ['', null],
])('RECONCILE_EVERY=%j is %s ms.', (RECONCILE_EVERY, everyMs) => {
  expect(readSettings({ ...good, RECONCILE_EVERY }).reconcile.everyMs).toBe(everyMs)
})

test.each(['59s', '25h', '15', '0m', '-5m', 'hourly', '*/15 * * * *'])(
  'RECONCILE_EVERY=%j is refused with one sentence that says what is allowed.',
  (RECONCILE_EVERY) => {
    expect(() => readSettings({ ...good, RECONCILE_EVERY })).toThrow(
      `RECONCILE_EVERY must be a duration from 1m to 24h, such as 15m, not ${JSON.stringify(RECONCILE_EVERY)}.`,
    )
  },
)

test.each(['hf_abcdefghijklmnop', 'hf_oauth_abcDEF.123-456_789'])('HF_TOKEN may be %s.', (HF_TOKEN) => {
  const settings = readSettings({ ...good, HF_TOKEN })
  expect(settings.reconcile.hubToken).toBe(HF_TOKEN)
  expect(secretsOf(settings)).toContain(HF_TOKEN)
})

test.each(['github_pat_abcdefgh', 'hf_short', 'hf_with spaces in it', 'hf_line\nend-of-the-token'])(
  'HF_TOKEN=%j is refused, and its value is not shown.',
  (HF_TOKEN) => {
    const refusal = {
      message: 'HF_TOKEN must be a token of Hugging Face (hf_...): one with read access is enough.',
    }
    expect(() => readSettings({ ...good, HF_TOKEN })).toThrow(expect.objectContaining(refusal))
  },
)

test.each(['http://hub.example', 'huggingface.co', 'https://user@hub.example'])(
  'HF_ENDPOINT=%s is refused, since the token would go there.',
  (HF_ENDPOINT) => {
    expect(() => readSettings({ ...good, HF_ENDPOINT })).toThrow(/^HF_ENDPOINT must be an https:\/\/ URL/)
  },
)

test('Only routes that name one dataset can be reconciled.', () => {
  const check = (INPUT_DATASET: string) => () =>
    checkReconcilable(readSettings({ ...good, INPUT_DATASET }), 'reconcile')
  expect(check('acme/*')).toThrow(
    'reconcile needs datasets by their full names: set INPUT_DATASET to namespace/name, or name them in RELAY_ROUTES.',
  )
  expect(check('acme/*, acme/digits')).not.toThrow()
})
