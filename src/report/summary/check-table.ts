import type { Outcome } from '../../domain/outcome.ts'
import type { Check, CheckVerdict } from '../../domain/plan/checks.ts'
import { details, plain, table } from '../markdown/markdown.ts'
import type { SummaryAudience } from './audience.ts'

const marks: Readonly<Record<CheckVerdict, string>> = {
  passed: '✅ yes',
  warned: '⚠️ worth a look',
  refused: '❌ no',
  unknown: '❔ not known',
}

/**
 * What was checked before anything was paid, and what to do about it: open where that is the answer, as in a dry run or
 * a refusal, else folded.
 *
 * @returns Markdown; empty where nothing was checked
 */
export function checkSection(
  { verdict, plan }: Pick<Outcome, 'verdict' | 'plan'>,
  audience: SummaryAudience,
): string[] {
  const checks = plan?.checks ?? []
  if (checks.length === 0) return []
  const shown = table(
    ['Check', 'Found', ''],
    checks.map((check) => row(check, audience)),
  )
  if (verdict === 'planned' || verdict === 'refused') return ['### Checked before anything is paid', shown]
  const odd = checks.filter((check) => check.verdict === 'warned').length
  const count = odd === 0 ? `${checks.length}` : `${checks.length}, ${odd} worth a look`
  return [details(`Checked before anything was paid (${count})`, shown)]
}

function row({ title, found, verdict, advice }: Check, { mask }: SummaryAudience): string[] {
  const said = advice === null ? found : advice
  return [plain(mask(title), 120), plain(mask(said), 600), marks[verdict]]
}
