import type { Figures, StartFigures } from './measure.ts'

/** One run of the benchmark, as in `results.json`. */
export interface Report {
  readonly machine: { cpu: string; cores: number; node: string }
  readonly settings: { connections: number; ms: number; rounds: number }
  /** By load and program. */
  readonly results: Record<string, Record<string, Figures>>
  readonly start: Record<string, StartFigures>
  readonly workerBytes: { bundled: number; compressed: number }
}

/** Prints one table per load. */
export function printReport({ results, start, workerBytes }: Report): void {
  for (const [what, byProgram] of Object.entries(results)) {
    console.log(`\n${what}`)
    console.table(
      Object.fromEntries(Object.entries(byProgram).map(([name, figures]) => [name, tableRow(figures)])),
    )
  }
  console.log('\nstart')
  console.table(start)
  console.log(`\nWorker: ${workerBytes.bundled} bytes, ${workerBytes.compressed} compressed`)
}

function tableRow({ speedRatio, cpuRatio, ...figures }: Figures): Record<string, number | string> {
  const percent = (ratio: number) => `${Math.round(ratio * 100)} %`
  return { ...figures, speed: percent(speedRatio), CPU: percent(cpuRatio) }
}
