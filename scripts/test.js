// Runs tests with jest: node scripts/test.js --lanes=NAME,NAME [jest's arguments], as the npm scripts do.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { lanes } from '../test/lanes.js'

const [chosen = '', ...rest] = process.argv.slice(2)
const names = chosen.replace(/^--lanes=/, '').split(',')
const unknown = names.filter((name) => !Object.hasOwn(lanes, name))
if (unknown.length > 0 || !chosen.startsWith('--lanes=')) {
  console.error(
    `Usage: node scripts/test.js --lanes=LANE,LANE [JEST ARGUMENT ...]\nLanes: ${Object.keys(lanes)}`,
  )
  process.exit(2)
}

const jest = fileURLToPath(import.meta.resolve('jest/bin/jest'))
const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
// Jest reads every word after --selectProjects as a project, up to the next option.
const options = [...rest, '--selectProjects', ...names]
const { status, error } = spawnSync(process.execPath, [...node, jest, ...options], { stdio: 'inherit' })
if (error !== undefined) throw error
process.exitCode = status ?? 1
