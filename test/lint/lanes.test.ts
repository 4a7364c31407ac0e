import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import picomatch from 'picomatch'
import jestConfig from '../../jest.config.js'
import { lanes } from '../lanes.js'

const suites = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'test'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(?:test|browser)\.ts$/.test(file))
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
const ci = readFileSync('.ci/run', 'utf8')

/** The lanes that a command of package.json runs. */
const lanesOf = (script: string) => /--lanes=([\w,]+)/.exec(script)?.[1]?.split(',') ?? []

/** As jest reads `testMatch`: one glob matches, and none of those with `!` in front excludes. */
function isIn(globs: readonly string[], suite: string): boolean {
  const [without, within] = [true, false].map((no) => globs.filter((glob) => glob.startsWith('!') === no))
  const matches = (glob: string) => picomatch.isMatch(`/${suite}`, glob.replace(/^!/, ''))
  return within?.some(matches) === true && without?.some(matches) === false
}

describe('Test lanes', () => {
  test('Every suite belongs to exactly one lane.', () => {
    const others = suites
      .map((suite) => ({
        suite,
        in: jestConfig.projects
          .filter(({ testMatch }) => isIn(testMatch, suite))
          .map(({ displayName }) => displayName),
      }))
      .filter((one) => one.in.length !== 1)
    expect(others).toEqual([])
  })

  test('Every glob of a lane matches a suite.', () => {
    const globs = Object.values(lanes).flatMap((lane) => lane.suites)
    expect(globs.filter((glob) => !suites.some((suite) => picomatch.isMatch(suite, glob)))).toEqual([])
  })

  test('Every lane runs in .ci/run.', () => {
    const run = Object.entries(scripts)
      .filter(([name]) => new RegExp(`npm (?:run )?${name} --`).test(ci))
      .flatMap(([, script]) => lanesOf(script))
    expect(run.sort()).toEqual(Object.keys(lanes).sort())
  })

  test('No suite sets a time limit of its own: the lane does.', () => {
    const own = suites.filter((suite) => /\bjest\.setTimeout\(/.test(readFileSync(suite, 'utf8')))
    expect(own).toEqual([])
  })
})
