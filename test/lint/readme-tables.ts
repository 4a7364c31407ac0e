// Writes the tables of inputs and outputs in README.md from action.yml.
// Usage: node --import ./test/node-setup.js test/lint/readme-tables.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { readAction, withTables } from './action-tables.ts'

const readme = readFileSync('README.md', 'utf8')
const written = withTables(readme, readAction(readFileSync('action.yml', 'utf8')))
if (written === readme) {
  console.log('README.md: the tables are those of action.yml.')
} else {
  writeFileSync('README.md', written)
  console.log('README.md: tables written from action.yml.')
}
