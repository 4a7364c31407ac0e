// Writes the tables and the first example of README.md from action.yml and the example workflow.
// Usage: node --import ./test/node-setup.js scripts/readme-tables.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { readAction, withTables } from './action-tables.ts'

const readme = readFileSync('README.md', 'utf8')
const action = readAction(readFileSync('action.yml', 'utf8'))
const written = withTables(readme, action, readFileSync('examples/retrain.yml', 'utf8'))
if (written === readme) {
  console.log('README.md: the tables are those of action.yml.')
} else {
  writeFileSync('README.md', written)
  console.log('README.md: tables written from action.yml.')
}
