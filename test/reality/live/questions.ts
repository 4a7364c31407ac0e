import type { Service } from './service.ts'

/** What a question may use. */
export interface Live {
  /** Each throws Missing where the environment names none. */
  readonly hub: Service
  readonly github: Service
  /** `owner/name`, whose refs are tried. */
  readonly repository: string
  /** A commit of the repository; null: the head of its default branch. */
  readonly commit: string | null
  /** Asks the workflow run for its token: https://docs.github.com/en/actions/reference/security/oidc */
  readonly idToken: (audience: string) => Promise<string>
  /** The Hub for the owner of another token. */
  hubAs(token: string): Service
  /** Whose Jobs and repositories are tried. */
  namespace(): Promise<string>
  /** A name that nothing has. */
  readonly freeName: string
  sleep(ms: number): Promise<void>
  /** Adds what must be undone, whatever happens. The last is undone first. */
  undo(what: string, work: () => Promise<unknown>): void
}

/** Something that a question needs is not in the environment; the message names the variable. */
export class Missing extends Error {}

/** What was found out. */
interface Finding {
  /** Whether it is as this project takes it to be; null where the project takes nothing for granted. */
  readonly isAsAssumed: boolean | null
  /** What the service did, in its own words where it has some. */
  readonly saw: string
}

/** Something that only a live account can show. */
export interface Question {
  readonly name: string
  readonly asks: string
  /** What this project takes it to be. */
  readonly assumed: string
  /** `reads` changes nothing; the others are asked about before they begin. */
  readonly kind: 'reads' | 'writes' | 'costs'
  /** What it changes or costs. */
  readonly does?: string
  find(live: Live): Promise<Finding>
}

/** What came of a question. */
export interface Result {
  readonly question: Question
  readonly outcome: 'as assumed' | 'noted' | 'differs' | 'not asked' | 'failed'
  readonly text: string
  /** What could not be undone, and must be by hand. */
  readonly left: readonly string[]
}

/** How the questions are asked. */
export interface AskOptions {
  readonly questions: readonly Question[]
  readonly live: Omit<Live, 'undo'>
  /** Whether questions that write or cost may be asked at all. */
  readonly mayWrite: boolean
  /** Asks a person. */
  readonly confirm: (text: string) => Promise<boolean>
  readonly report: (result: Result) => void
}

/** Asks one question after the other, and undoes what each one left. */
export async function askAll(options: AskOptions): Promise<Result[]> {
  const results: Result[] = []
  for (const question of options.questions) {
    const result = await ask(question, options)
    results.push(result)
    options.report(result)
  }
  return results
}

async function ask(question: Question, { live, mayWrite, confirm }: AskOptions): Promise<Result> {
  const { kind, does = '' } = question
  const notAsked = (text: string): Result => ({ question, outcome: 'not asked', text, left: [] })
  if (kind !== 'reads' && !mayWrite) return notAsked(`It ${kind}. ${does} To be asked about it, add --write.`)
  if (kind !== 'reads' && !(await confirm(`${question.name}: ${does} Go on?`))) return notAsked('Declined.')
  const pending: { what: string; work: () => Promise<unknown> }[] = []
  const undo: Live['undo'] = (what, work) => void pending.unshift({ what, work })
  // Not a copy: what the environment lacks shows only when it is used.
  const withUndo: Live = Object.create(live, { undo: { value: undo } })
  const found = await question.find(withUndo).then(toResult, toFailure)
  const left: string[] = []
  for (const { what, work } of pending) {
    await work().catch((error: unknown) => left.push(`${what} (${messageOf(error)})`))
  }
  return { question, ...found, left }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

type Found = Pick<Result, 'outcome' | 'text'>

function toResult({ isAsAssumed, saw }: Finding): Found {
  if (isAsAssumed === null) return { outcome: 'noted', text: saw }
  return { outcome: isAsAssumed ? 'as assumed' : 'differs', text: saw }
}

function toFailure(error: unknown): Found {
  return { outcome: error instanceof Missing ? 'not asked' : 'failed', text: messageOf(error) }
}
