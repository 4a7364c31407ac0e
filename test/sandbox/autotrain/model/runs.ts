import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Params } from '../params.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The files that TensorBoard would show: only their names are like the real ones. */
export interface Runs {
  /** A training writes into the first file, the evaluation after it into one of its own. */
  open(number: 0 | 1): void
  close(): void
}

/**
 * @param params the training's parameters: nothing is written unless they ask for TensorBoard
 * @returns files below the project's `runs` folder, named as PyTorch's writer names them
 */
export function createRuns(params: Params): Runs {
  const now = new Date()
  const two = (value: number) => String(value).padStart(2, '0')
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('-')
  const day = `${MONTHS[now.getMonth()]}${two(now.getDate())}`
  const folder = join(params.project_name, 'runs', `${day}_${time}_${hostname()}`)
  const file = (number: number) =>
    join(
      folder,
      `events.out.tfevents.${Math.floor(now.getTime() / 1000) + number}.${hostname()}.${process.pid}.${number}`,
    )
  return {
    open(number) {
      if (params.log !== 'tensorboard') return
      mkdirSync(folder, { recursive: true })
      writeFileSync(file(number), Buffer.alloc(number === 0 ? 5070 : 906))
    },
    close() {
      if (existsSync(file(0))) appendFileSync(file(0), Buffer.alloc(6500))
    },
  }
}
