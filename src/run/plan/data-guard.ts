import { findShrinkage, type Shrinkage } from '../../domain/change/shrink.ts'
import { formatTotals } from '../../domain/change/totals.ts'
import type { DataFacts } from '../../domain/data.ts'
import type { Check, Finding } from '../../domain/plan/checks.ts'
import { shortRevision } from '../../domain/revision.ts'
import { inWords } from '../../domain/text/format.ts'
import { factsBefore } from '../check/data.ts'
import type { Next } from '../check/decide-next.ts'
import { mayNameDataset, type Work } from '../work.ts'

type Claim = Extract<Next, { do: 'claim' }>

/**
 * Refuses data that shrank by more than `max-removed` since the last success, or lost a class: people empty a folder by
 * mistake, and a good model would be replaced by a bad one. A person who starts the training overrules it, also for its
 * later attempts at the same data.
 *
 * @param options.rows how many rows the revision's relevant files have; null where that is not known
 */
export function checkGuard(work: Work, { next, rows }: { next: Claim; rows: number | null }): Check {
  return {
    id: 'data-guard',
    title: 'No data was lost',
    verdict: 'passed',
    advice: null,
    ...look(work, { next, rows }),
  }
}

function look(work: Work, { next, rows }: { next: Claim; rows: number | null }): Finding {
  const { maxRemoved } = work.recipe
  const { base, data, listed } = next
  const facts = { ...data.facts, rows }
  if (maxRemoved >= 100) return { found: 'not compared: max-removed is 100%' }
  if (base === null)
    return { found: `${formatTotals(facts)}; nothing to compare with before a first success` }
  const before = factsBefore(work, { base, listed, data })
  if (before === null) {
    const revision = shortRevision(base.record.revision)
    const found = `${formatTotals(facts)}; the files of ${revision} cannot be listed, and its record has no totals for these path rules`
    return { found, verdict: 'unknown' }
  }
  const shrinkage = findShrinkage({
    before: { facts: before, files: listed?.relevant ?? null },
    after: { facts, files: data.relevant },
    maxRemoved,
    namesClasses: mayNameDataset(work),
  })
  return judge(work, { next, before, facts, shrinkage })
}

function judge(
  work: Work,
  options: { next: Claim; before: DataFacts; facts: DataFacts; shrinkage: Shrinkage },
): Finding {
  const { next, before, facts, shrinkage } = options
  const { losses, unknown } = shrinkage
  const numbers = `${formatTotals(before)} → ${formatTotals(facts)}`
  const isBlind = unknown.length > 0
  if (losses.length === 0) {
    const found = isBlind ? `${numbers}; not compared: ${inWords(unknown)}` : numbers
    return { found, verdict: isBlind ? 'unknown' : 'passed' }
  }
  const since = next.base === null ? '' : ` since the training on ${shortRevision(next.base.record.revision)}`
  const is = losses.length > 1 || !/^(?:1 class|the class )/.test(losses[0] ?? '') ? 'are' : 'is'
  const loss =
    `The data shrank${since}, from ${formatTotals(before)} to ${formatTotals(facts)}: ` +
    `${inWords(losses)} ${is} gone, and max-removed (${work.recipe.maxRemoved}%) allows less.`
  const way = overruled(work, next)
  return way === null
    ? {
        found: numbers,
        verdict: 'refused',
        advice: `${loss} Restore the data; if it is meant, Run workflow: a person who starts it by hand overrules this.`,
      }
    : { found: numbers, verdict: 'warned', advice: `${loss} ${way}` }
}

/** @returns why the training may start all the same; null where it may not */
function overruled({ request }: Work, { before }: Claim): string | null {
  if (request.byPerson || request.force) {
    return 'It is trained all the same, because a person started this run; an event or a schedule would not.'
  }
  return before.some(({ automatic }) => !automatic)
    ? 'It is trained all the same, because a person has started a training on this data before.'
    : null
}
