import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { deliveryWalk, type WalkedFile } from '../../scripts/walk/delivery-walk.ts'
import { withWalk } from '../../scripts/walk/walk-table.ts'

/** What a reader has to open to follow one delivery. Lower it whenever the way gets shorter. */
const budget = { files: 153, entered: 5_390 }

const page = readFileSync('docs/architecture.md', 'utf8')

/** Without the numbers, which every edit of a file changes. */
const namesIn = (text: string) => text.replaceAll(/\d[\d,]*/g, '0')

describe('The way of a delivery through the code', () => {
  let walk: WalkedFile[]
  let entered: number

  beforeAll(async () => {
    walk = await deliveryWalk()
    entered = walk.reduce((sum, file) => sum + file.entered, 0)
  }, 90_000)

  test('A delivery passes no more files and lines than the budget allows.', () => {
    expect(walk.length).toBeLessThanOrEqual(budget.files)
    expect(entered).toBeLessThanOrEqual(budget.entered)
  })

  test('docs/architecture.md names the files: scripts/delivery-walk.ts writes them.', () => {
    expect(namesIn(page)).toBe(namesIn(withWalk(page, walk)))
  })

  test('docs/architecture.md gives the number of lines that run with an error of at most 5 %.', () => {
    const [, given = ''] = /^\*\*\d+ files, ([\d,]+) lines of functions/m.exec(page) ?? []
    expect(Math.abs(Number(given.replaceAll(',', '')) / entered - 1)).toBeLessThanOrEqual(0.05)
  })
})
