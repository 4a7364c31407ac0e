import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { formatDuration, formatUsd } from '../../src/domain/text/format.ts'
import { recipeKeys } from '../../src/recipe/keys.ts'
import { costOf } from '../../src/trainers/jobs/start/job-price.ts'
import { HARDWARE } from '../sandbox/hub/jobs/hardware.ts'

const page = readFileSync('docs/costs.md', 'utf8')
const readme = readFileSync('README.md', 'utf8')
const timeoutMs = recipeKeys.timeout.fallback ?? 0
const runs = recipeKeys.maxRunsPerDay.fallback ?? 0
const maxCost = recipeKeys.maxCost.fallback ?? 0
const hardware = recipeKeys.hardware.fallback ?? ''

/** The price of a run with the default timeout, from the Hub's list of prices. */
function priceOf(name: string) {
  const perMinute = HARDWARE.find((each) => each.name === name)?.unitCostUSD ?? Number.NaN
  const run = costOf(perMinute, timeoutMs)
  return { hour: formatUsd(perMinute * 60), run: formatUsd(run), day: formatUsd(run * runs) }
}

describe('What a run and a day cost at most', () => {
  test('The README has the numbers of the default recipe: a day is 24 runs, not 24 times max-cost.', () => {
    const { hour, run, day } = priceOf(hardware)
    expect([hour, run, day]).toEqual(['$0.40', '$0.80', '$19.20'])
    expect(formatDuration(timeoutMs)).toBe('2 h')
    expect(readme).toContain(
      `| default: \`${hardware}\` at ${hour} an hour, for 2 hours, ${runs} runs a day | ${run} | ${day} |`,
    )
    expect(readme).toContain(`\`max-cost\`, by default $${maxCost},`)
    expect(readme).not.toContain(formatUsd(maxCost * runs))
  })

  test('docs/costs.md has the same numbers, and right ones for other hardware.', () => {
    const rows = [
      ...page.matchAll(/^\| .*`([\w-]+)` at (\S+) an hour, for 2 hours \| (\S+) \| 24 × (\S+) = (\S+) \|$/gm),
    ]
    expect(rows.map(([, name]) => name)).toEqual([hardware, 'a10g-small', 'a100-large'])
    for (const [, name = '', ...numbers] of rows) {
      const { hour, run, day } = priceOf(name)
      expect([name, ...numbers]).toEqual([name, hour, run, run, day])
    }
  })

  test('The limits in docs/costs.md are the defaults of the code.', () => {
    expect(page).toContain('| `timeout` | `2h` |')
    expect(page).toContain(`| \`max-cost\` | \`${maxCost}\` (USD) |`)
    expect(page).toContain(`| \`max-runs-per-day\` | \`${runs}\` |`)
  })
})
