import { messageOf } from '../error-message.ts'
import { Refused, UnfitData } from '../verdict.ts'

/**
 * How a check came out: `passed`; `warned`, worth a look; `refused`, so that nothing may be started; `unknown`, what
 * cannot be seen from here and stops nothing.
 */
export type CheckVerdict = 'passed' | 'warned' | 'refused' | 'unknown'

/** One thing that is checked before anything is paid for. A plan, a dry run and a refusal show all of them. */
export interface Check {
  /** Stable, in kebab case. Those about the dataset's own content begin with `data-`. */
  readonly id: string
  /** What is checked, in a few words, such as "Start Jobs in acme". */
  readonly title: string
  /** What was found, in a few words. May contain untrusted text. */
  readonly found: string
  readonly verdict: CheckVerdict
  /** What is wrong, what is allowed and what to do, as one sentence; null where nothing is to be done. */
  readonly advice: string | null
}

/** Whether a check is about the dataset's own content, which only other data changes. */
export function isAboutData({ id }: Check): boolean {
  return id.startsWith('data-')
}

/** What a check finds where nothing speaks against the training. */
export type Finding = Pick<Check, 'found'> & Partial<Pick<Check, 'verdict' | 'advice'>>

/**
 * Runs one check. What it throws as a refusal becomes its result, so that one run shows everything that is wrong.
 *
 * @param look returns what was found, or throws Refused with the sentence that says what to do
 * @throws what else it throws
 */
export async function runCheck(
  { id, title }: Pick<Check, 'id' | 'title'>,
  look: () => Finding | Promise<Finding>,
): Promise<Check> {
  try {
    const { found, verdict = 'passed', advice = null } = await look()
    return { id, title, found, verdict, advice }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { id, title, found: 'not possible', verdict: 'refused', advice: messageOf(error) }
  }
}

/**
 * Ends a plan that must not be carried out.
 *
 * @throws Refused with the first sentence, and how many more there are; UnfitData where only the data is at fault
 */
export function assertNoRefusal(checks: readonly Check[]): void {
  const refused = checks.filter(({ verdict }) => verdict === 'refused')
  const [first] = refused
  if (first === undefined) return
  const more = refused.length - 1
  const rest =
    more === 0 ? '' : ` (${more} more ${more === 1 ? 'check says' : 'checks say'} no: see the summary)`
  const sentence = `${first.advice ?? first.found}${rest}`
  if (refused.every(isAboutData)) throw new UnfitData(sentence)
  throw new Refused(sentence)
}
