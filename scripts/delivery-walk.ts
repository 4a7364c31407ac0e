// Writes the files that a delivery passes into docs/architecture.md. Takes a few seconds.
// Usage: node --import ./test/node-setup.js scripts/delivery-walk.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { deliveryWalk } from './walk/delivery-walk.ts'
import { walkTotal, withWalk } from './walk/walk-table.ts'

const page = 'docs/architecture.md'
const walk = await deliveryWalk()
writeFileSync(page, withWalk(readFileSync(page, 'utf8'), walk))
console.log(`${page}: ${walkTotal(walk)}.`)
