import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { deliveryWalk, type WalkedFile } from '../../scripts/walk/delivery-walk.ts'
import { withWalk } from '../../scripts/walk/walk-table.ts'

/** What a reader has to open to follow one delivery. Lower it whenever the way gets shorter. */
const budget = { files: 115, lines: 10_500 }

const page = readFileSync('docs/architecture.md', 'utf8')

/** Without the numbers, which every edit of a file changes. */
const namesIn = (text: string) => text.replaceAll(/\d[\d,]*/g, '0')

describe('The way of a delivery through the code', () => {
  let walk: WalkedFile[]
  let lines: number

  beforeAll(async () => {
    walk = await deliveryWalk()
    lines = walk.reduce((sum, file) => sum + file.lines, 0)
  }, 90_000)

  test('A delivery passes no more files and lines than the budget allows.', () => {
    expect(walk.length).toBeLessThanOrEqual(budget.files)
    expect(lines).toBeLessThanOrEqual(budget.lines)
  })

  test('docs/architecture.md names the files: scripts/delivery-walk.ts writes them.', () => {
    expect(namesIn(page)).toBe(namesIn(withWalk(page, walk)))
  })

  test('docs/architecture.md gives the number of lines with an error of at most 5 %.', () => {
    const [, given = ''] = /^\*\*\d+ files, ([\d,]+) lines\*\*/m.exec(page) ?? []
    expect(Math.abs(Number(given.replaceAll(',', '')) / lines - 1)).toBeLessThanOrEqual(0.05)
  })
})
