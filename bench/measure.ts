import { type Load, runLoad } from './load.ts'
import { type ServerProcess, startServer } from './server-process.ts'

/** A program to measure. */
export interface Program {
  readonly name: string
  /** Its JavaScript file. */
  readonly file: string
}

/** The medians of one program under one load. */
export interface Figures {
  perSecond: number
  p50Ms: number
  p99Ms: number
  cpuSecondsPer1000: number
  memoryBeforeMb: number
  memoryAfterMb: number
  /** Compared with the first program in the same round. */
  speedRatio: number
  cpuRatio: number
}

/** The median times that a program takes to start. */
export interface StartFigures {
  listeningMs: number
  firstAnswerMs: number
}

type Round = Pick<Figures, 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuSecondsPer1000'>

interface Runner {
  readonly name: string
  readonly server: ServerProcess
  readonly memoryBeforeMb: number
  readonly rounds: Round[]
}

/**
 * Puts every program under the same load, in turns of some hundred milliseconds, so that other work on the machine
 * affects all of them. Programs are compared within a round.
 *
 * @param options.programs the first one is the baseline
 * @param options.warmUpMs for each program before the first round
 * @param options.ms length of each turn
 */
export async function measureLoad(options: {
  programs: readonly Program[]
  env: Record<string, string>
  load: Omit<Load, 'url'>
  connections: number
  warmUpMs: number
  ms: number
  rounds: number
}): Promise<Record<string, Figures>> {
  const { programs, env, load, connections, warmUpMs, ms, rounds } = options
  const runners: Runner[] = []
  try {
    for (const { name, file } of programs) {
      const server = await startServer([file], env)
      await runLoad({ ...load, url: server.url }, { connections, ms: warmUpMs })
      runners.push({ name, server, memoryBeforeMb: server.memoryMb(), rounds: [] })
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { server, rounds } of runners) rounds.push(await takeTurn(server, load, { connections, ms }))
    }
    const baseline = runners[0]?.rounds ?? []
    return Object.fromEntries(runners.map((runner) => [runner.name, summarize(runner, baseline)]))
  } finally {
    await Promise.all(runners.map(({ server }) => server.stop()))
  }
}

async function takeTurn(
  server: ServerProcess,
  load: Omit<Load, 'url'>,
  options: { connections: number; ms: number },
): Promise<Round> {
  const cpu = server.cpuSeconds()
  const { requests, perSecond, p50Ms, p99Ms } = await runLoad({ ...load, url: server.url }, options)
  const cpuSecondsPer1000 = ((server.cpuSeconds() - cpu) / requests) * 1000
  return { perSecond, p50Ms, p99Ms, cpuSecondsPer1000 }
}

function summarize({ server, memoryBeforeMb, rounds }: Runner, baseline: readonly Round[]): Figures {
  const of = (read: (round: Round, n: number) => number) => round(median(rounds.map(read)))
  const relativeTo = (key: keyof Round) => of((round, n) => round[key] / (baseline[n]?.[key] ?? Number.NaN))
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    cpuSecondsPer1000: of(({ cpuSecondsPer1000 }) => cpuSecondsPer1000),
    memoryBeforeMb: round(memoryBeforeMb),
    memoryAfterMb: round(server.memoryMb()),
    speedRatio: relativeTo('perSecond'),
    cpuRatio: relativeTo('cpuSecondsPer1000'),
  }
}

/** Measures how long the programs take to start, in turns. */
export async function measureStart(options: {
  programs: readonly Program[]
  env: Record<string, string>
  rounds: number
}): Promise<Record<string, StartFigures>> {
  const { programs, env, rounds } = options
  const times = programs.map(({ name, file }) => ({
    name,
    file,
    listening: [] as number[],
    first: [] as number[],
  }))
  for (let round = 0; round < rounds; round += 1) {
    for (const { file, listening, first } of times) {
      const server = await startServer([file], env)
      listening.push(server.listeningMs)
      first.push(server.firstAnswerMs)
      await server.stop()
    }
  }
  return Object.fromEntries(
    times.map(({ name, listening, first }) => [
      name,
      { listeningMs: round(median(listening)), firstAnswerMs: round(median(first)) },
    ]),
  )
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const round = (value: number) => Number(value.toPrecision(3))
