import type { Outcome } from '../../../src/domain/outcome.ts'
import type { Wish } from '../actors/recipes.ts'
import type { RunReport } from '../actors/workflows.ts'
import { isAlive, type PaidStart } from '../provider/books.ts'
import { createHeads, type Head } from './history.ts'
import { isNobodysWish } from './judge.ts'

/** So many checks by a clock may leave a head untrained that had to be trained. */
const maxChecks = 5

/** How often a training on the same data starts without a person. */
const maxAutomatic = 3

/** Reasons that say why a head is not trained although it was to be, and that may last. */
const saysSo = /no credits|has nothing to train on|Not retrying any more|may still be running/

/** What may be said to a person who pressed Run, because it passes soon. */
const passes =
  /Superseded|is running|is starting|under way|Another workflow run|same data|how is not known yet/

/** Looks for heads that stay untrained without a reason that says so. */
export interface StuckWatch {
  /** Notes how a run of the workflow ended. */
  ended(report: RunReport): void
  readonly stuck: readonly string[]
}

interface Options {
  readonly wishes: readonly Wish[]
  readonly heads: (dataset: string) => readonly Head[]
  readonly starts: readonly PaidStart[]
  /** Whether a person asked for a start on an older revision: it is about no head. */
  readonly isOlder: (start: PaidStart) => boolean
  readonly edits: readonly { readonly recipe: string; readonly at: number }[]
  readonly now: () => number
}

/** What has to happen to a head, by what the provider did. */
type Due = 'nothing' | 'a start' | 'a warning'

/** Watches every recipe. */
export function watchStuck({ wishes, heads, starts, isOlder, edits, now }: Options): StuckWatch {
  const stuck: string[] = []
  const subjects = new Map(
    wishes.map((wish) => [
      wish.name,
      { wish, heads: createHeads(heads(wish.dataset), wish.counts), checks: 0, since: '' },
    ]),
  )
  const byRecipe = new Map<string, PaidStart[]>(wishes.map(({ name }) => [name, []]))
  let sorted = 0
  const startsOf = (name: string): readonly PaidStart[] => {
    for (; sorted < starts.length; sorted++) {
      const start = starts[sorted]
      if (start !== undefined && !isOlder(start)) byRecipe.get(start.recipe)?.push(start)
    }
    return byRecipe.get(name) ?? []
  }

  const dueOf = (name: string): { due: Due; head: Head | undefined } => {
    const subject = subjects.get(name)
    const head = subject?.heads.all.at(-1)
    if (subject === undefined || head === undefined) return { due: 'nothing', head }
    const time = now()
    const { differs } = subject.heads
    const own = startsOf(name)
    const good = own.findLast((start) => start.end === 'succeeded' || isAlive(start, time))
    if (good !== undefined && !differs(good.revision, head.sha)) return { due: 'nothing', head }
    const last = own.at(-1)
    if (last === undefined || differs(last.revision, head.sha)) return { due: 'a start', head }
    const isEdited = edits.some((edit) => edit.recipe === name && edit.at > last.at)
    const comesBack = isNobodysWish(last) || (last.end === 'failed' && isEdited)
    const same = own.filter(({ revision }) => !differs(revision, head.sha))
    const since = same.slice(same.findLastIndex(({ end }) => end === 'succeeded') + 1)
    return { due: comesBack && since.length < maxAutomatic ? 'a start' : 'a warning', head }
  }

  /** Whether a run of the workflow did what was due. */
  const isDone = (due: Due, { verdict, run, isWarning, reason }: Outcome): boolean => {
    if (due === 'nothing' || run !== null || verdict === 'started') return true
    if (saysSo.test(reason)) return true
    return due === 'a warning' && (isWarning || /A person cancelled/.test(reason))
  }

  const check = (report: RunReport, outcome: Outcome): void => {
    const { which, beganAt } = report
    const name = outcome.recipe?.autotrainProjectPrefix ?? ''
    const subject = subjects.get(name)
    if (subject === undefined) return
    const { due, head } = dueOf(name)
    if (head === undefined || head.at >= beganAt) return
    const text = `${name} ${head.sha.slice(0, 7)} ${new Date(now()).toISOString()}`
    if (
      which.trigger === 'manual' &&
      which.attempt === 1 &&
      outcome.verdict === 'skipped' &&
      due !== 'nothing'
    ) {
      if (!saysSo.test(outcome.reason) && !passes.test(outcome.reason))
        stuck.push(`${text} a person pressed Run: ${outcome.reason}`)
      return
    }
    // A reconcile is about one dataset; the recipes of the others say that it is not theirs.
    const isCheck =
      which.trigger === 'schedule' ||
      (which.trigger === 'reconcile' && !outcome.reason.startsWith('Not a check for this recipe'))
    if (!isCheck) return
    if (isDone(due, outcome) || subject.since !== head.sha) subject.checks = 0
    subject.since = head.sha
    if (isDone(due, outcome)) return
    subject.checks += 1
    if (subject.checks === maxChecks)
      stuck.push(`${text} ${due} is due: ${outcome.verdict}: ${outcome.reason}`)
  }

  return {
    stuck,
    ended(report) {
      if (report.isDead || report.isAsked) return
      for (const outcome of report.outcomes) check(report, outcome)
    },
  }
}
