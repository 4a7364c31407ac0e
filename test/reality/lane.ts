import { type Answers, countAnswers, differences, spoil } from './answers.ts'
import { CannotRun } from './tools/cannot-run.ts'
import type { Need, Tools } from './tools/tools.ts'

/** The parts of the lane that `--only` chooses from. */
const groups = ['lint', 'hf', 'publish', 'act', 'autotrain'] as const

/** A part of the lane. */
type Group = (typeof groups)[number]

/** What a check saw. */
interface Observation {
  /** Compared with the check's answers. */
  readonly seen: unknown
  /** The software it was held against, with versions, and what else a reader of the result should know. */
  readonly against: string
  /** What to look at when it is wrong. */
  readonly log?: string
}

/** One thing that is held against software of others. */
export interface Check {
  readonly name: string
  readonly group: Group
  /** Programs that must be on this machine; what can be installed is not named here. */
  readonly needs: readonly Need[]
  /** What is right. */
  readonly answers: Answers
  /**
   * Does it for real.
   *
   * @throws CannotRun when something that it needs is not available on this machine
   */
  observe(tools: Tools): Promise<Observation>
}

/** How a check ended. */
export interface Outcome {
  readonly check: Check
  readonly result: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped; what it was held against when it passed. */
  readonly notes: readonly string[]
  readonly seconds: number
}

/** What the lane runs with. */
export interface LaneOptions {
  readonly checks: readonly Check[]
  readonly tools: Tools
  /** Names of checks in whose answers one is wrong. */
  readonly sabotaged?: readonly string[]
  /** Milliseconds from any start. */
  readonly now: () => number
  /** How long the lane may take: no check begins later. */
  readonly limitMs: number
  /** Keeps the log of a check that failed. Returns where. */
  readonly keepLog: (name: string, log: string) => string
  /** Takes each outcome as soon as it is known. */
  readonly report: (outcome: Outcome) => void
}

/**
 * Picks the checks of some groups.
 *
 * @param only names of groups, separated by commas; undefined: all
 * @throws Error naming the groups when there is no such group
 */
export function selectChecks(checks: readonly Check[], only: string | undefined): Check[] {
  if (only === undefined) return [...checks]
  const wanted = only.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => !groups.some((group) => group === name))
  if (unknown.length > 0) {
    throw new Error(`--only: there is no group ${unknown.join(', ')}. The groups are ${groups.join(', ')}.`)
  }
  return checks.filter(({ group }) => wanted.includes(group))
}

/**
 * Picks the checks whose answers `--sabotage` spoils.
 *
 * @param name the name of a check, of a group, or `all`; undefined: none
 * @throws Error naming the checks when there is no such check
 */
export function selectSabotaged(checks: readonly Check[], name: string | undefined): string[] {
  if (name === undefined) return []
  const chosen = checks.filter((check) => name === 'all' || check.name === name || check.group === name)
  if (chosen.length > 0) return chosen.map((check) => check.name)
  const known = checks.map((check) => `  ${check.name}`).join('\n')
  throw new Error(`--sabotage: there is no check ${name}. Name a group, all, or one of\n${known}`)
}

/** Runs the checks one after the other: each may use all of the machine. */
export async function runLane(options: LaneOptions): Promise<Outcome[]> {
  const { checks, tools, sabotaged = [], now, limitMs, report, keepLog } = options
  const outcomes: Outcome[] = []
  const laneStart = now()
  for (const check of checks) {
    const start = now()
    const answers = sabotaged.includes(check.name) ? spoil(check.answers) : check.answers
    const isLate = start - laneStart > limitMs
    const result = isLate ? noTimeLeft : await judge(check, { answers, tools, keepLog })
    const outcome = { check, ...result, seconds: (now() - start) / 1000 }
    outcomes.push(outcome)
    report(outcome)
  }
  return outcomes
}

const noTimeLeft: Pick<Outcome, 'result' | 'notes'> = {
  result: 'skipped',
  notes: ['no time left: --minutes sets how long the lane may take'],
}

async function judge(
  check: Check,
  { answers, tools, keepLog }: Pick<LaneOptions, 'tools' | 'keepLog'> & { answers: Answers },
): Promise<Pick<Outcome, 'result' | 'notes'>> {
  const missing = check.needs.filter((need) => !tools.has(need))
  if (missing.length > 0) return { result: 'skipped', notes: [`not on this machine: ${missing.join(', ')}`] }
  try {
    const { seen, against, log } = await check.observe(tools)
    const found = differences(answers, seen)
    if (found.length === 0)
      return { result: 'passed', notes: [`${countAnswers(answers)} answers; ${against}`] }
    const kept = log === undefined ? [] : [`log: ${keepLog(check.name, log)}`]
    return { result: 'failed', notes: [...found, against, ...kept] }
  } catch (error) {
    if (error instanceof CannotRun) return { result: 'skipped', notes: [error.message] }
    return {
      result: 'failed',
      notes: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }
  }
}

/** @returns the lines about one check: its result, name and time, then the notes */
export function describe({ check, result, notes, seconds }: Outcome): string {
  const time = `${seconds.toFixed(1)} s`.padStart(8)
  const lines = notes.flatMap((note) => note.split('\n'))
  return [
    `${result.padEnd(7)} ${time}  ${check.name}`,
    ...lines.map((line) => `${' '.repeat(18)}${line}`),
  ].join('\n')
}

/** @returns `N passed, N failed, N skipped` */
export function summarize(outcomes: readonly Outcome[]): string {
  const count = (wanted: Outcome['result']) => outcomes.filter(({ result }) => result === wanted).length
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`
}
