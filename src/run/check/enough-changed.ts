import type { Change } from '../../domain/change/change.ts'
import type { Check } from '../../domain/plan/checks.ts'
import { shortRevision } from '../../domain/revision.ts'
import { formatCount, formatInteger } from '../../domain/text/format.ts'
import { Skipped } from '../../domain/verdict.ts'
import type { Entry } from '../../ledger/entry.ts'
import { linkOf } from '../../ledger/record.ts'
import type { Work } from '../work.ts'
import type { RevisionData } from './data.ts'

interface Counted {
  readonly base: Entry
  readonly change: Change
  readonly data: RevisionData
}

/**
 * Holds a training back until `min-changed-files` relevant files were added, changed or removed since the last success,
 * or since the training that is running.
 *
 * @throws Skipped with both numbers while too few have
 */
export function assertEnoughChanged({ recipe }: Work, { base, change, data }: Counted): void {
  const { minChangedFiles } = recipe
  if (change.relevant >= minChangedFiles) return
  const { revision } = base.record
  const never = neverEnough(minChangedFiles, data)
  const allCount = change.from === null ? '; its files cannot be listed, so that all count' : ''
  const reason =
    `${countOf(change, minChangedFiles)} files changed since the training on ${shortRevision(revision)} ` +
    `(${linkOf(base.record)}${allCount}), and min-changed-files waits for more. ` +
    'Run workflow with force: true trains this data all the same.'
  throw new Skipped(never === null ? reason : `${reason} ${never}`, {
    isWarning: never !== null,
    comesBack: 'more-data',
  })
}

/**
 * The row of the plan about `min-changed-files`, where it is more than one.
 *
 * @param options.base null: nothing has succeeded yet, so that nothing is counted
 */
export function changedFilesCheck(
  { recipe, facts }: Pick<Work, 'recipe' | 'facts'>,
  { base, data }: { base: Entry | null; data: RevisionData },
): Check[] {
  const { minChangedFiles } = recipe
  const { change } = facts
  if (minChangedFiles <= 1 || change === null) return []
  const isEnough = base !== null && change.relevant >= minChangedFiles
  const advice = isEnough ? null : neverEnough(minChangedFiles, data)
  return [
    {
      id: 'min-changed-files',
      title: 'Enough files changed',
      found: foundText({ base, change, min: minChangedFiles, isEnough }),
      verdict: advice === null ? 'passed' : 'warned',
      advice,
    },
  ]
}

function foundText(options: { base: Entry | null; change: Change; min: number; isEnough: boolean }): string {
  const { base, change, min, isEnough } = options
  if (base === null) return `not counted before the first success; then ${formatInteger(min)} files at least`
  const since = `since ${shortRevision(base.record.revision)}`
  return `${countOf(change, min)} files ${since}${isEnough ? '' : ', and not waited for this time'}`
}

/** "3 of 50". */
function countOf({ relevant }: Change, min: number): string {
  return `${formatInteger(relevant)} of ${formatInteger(min)}`
}

/** A data set that is small can only reach the number by replacing its files over and over. */
function neverEnough(min: number, { facts }: RevisionData): string | null {
  if (facts.files >= min) return null
  return (
    `min-changed-files is ${formatInteger(min)}, and the dataset has only ${formatCount(facts.files, 'relevant file')}: ` +
    `at its size that can never be met. Lower it to ${formatInteger(facts.files)} or less.`
  )
}
