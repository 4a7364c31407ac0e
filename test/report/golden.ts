import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome, ReportContext } from '../../src/domain/outcome.ts'
import { discussionText, runText, threadText } from '../../src/report/discussion/discussion.ts'
import { jobSummary } from '../../src/report/summary/summary.ts'

/**
 * Renders every report of one run: the summary and, when there was a training, the posts on the dataset in both modes.
 *
 * @param name the name of the case, such as `succeeded`
 * @returns the reports by file name
 */
export function reportFiles(
  name: string,
  options: { outcome: Outcome; context: ReportContext },
): Record<string, string> {
  const { outcome, context } = options
  const thread = threadText(outcome, context)
  const comment = runText(outcome, context)
  const each = discussionText(outcome, context)
  return {
    [`${name}.summary.md`]: jobSummary([outcome], context),
    ...(thread && comment && each
      ? {
          [`${name}.thread.md`]: `${thread.title}\n\n${thread.text}`,
          [`${name}.comment.md`]: comment.text,
          [`${name}.each.md`]: `${each.title}\n\n${each.text}`,
        }
      : {}),
  }
}

/**
 * Compares files with the golden files, or overwrites these.
 *
 * @param options.update overwrites them; review the difference afterwards
 * @returns the names of the files that changed
 */
export function compareWithGolden(
  files: Readonly<Record<string, string>>,
  options: { folder: string; update: boolean },
): string[] {
  const { folder, update } = options
  if (update) mkdirSync(folder, { recursive: true })
  return Object.entries(files).flatMap(([name, text]) => {
    const path = join(folder, name)
    if (readIfThere(path) === text) return []
    if (update) writeFileSync(path, text)
    return [name]
  })
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
