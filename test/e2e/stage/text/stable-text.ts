import type { World } from '../../../sandbox/world.ts'

/**
 * A report without what differs from run to run: addresses of the sandbox, commits and ids (numbered in the order
 * of their first appearance), times, durations, and what a Job cost by the minutes that it took.
 *
 * @param text one report, or several joined, so that the same commit has the same number in all of them
 */
export function stableText(text: string, { hub, github, autotrain }: World): string {
  const withAddresses = text
    .replaceAll(hub.url, 'https://huggingface.co')
    .replaceAll(github.url, 'https://github.com')
    .replaceAll(autotrain.url, 'https://ui.autotrain.huggingface.co')
  return (
    withNumberedIds(withCommits(withAddresses))
      // The number of examples follows from how long an evaluation took, where that was long enough to be measured.
      .replaceAll(/Measured on [\d,]+ validation examples?\.\n\n/g, '')
      .replaceAll(/(?<=different validation data: ).*/g, 'why.')
      .replaceAll(/<details><summary>Training speed<\/summary>[^<]*<\/details>\n\n/g, '')
      // The bars of a timeline go by how long each step took.
      .replaceAll(/`[░█]+`/g, '`█░░░░░░░░░░░`')
      .replaceAll(/\b(?:\d+ min )?\d+(?:\.\d+)? m?s\b|\b\d+ min\b/g, '1.0 s')
      .replaceAll(/[\d.]+(?=\*\* spent)/g, '0.01')
      .replaceAll(/\b\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '2026-11-24T12:00:00.000Z')
      .replaceAll(/\b\d{4}-\d{2}-\d{2} \d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?/g, '2026-11-24 12:00')
      .replaceAll(/\/runs\/\d+/g, '/runs/1')
      .replaceAll(/(?<=^```text\n)[\s\S]*?(?=^```$)/gm, withoutStandardError)
      // AutoTrain's name for the number of its process.
      .replaceAll(/(?<=Job ID: )\d+/g, '1')
  )
}

/** What AutoTrain's libraries print to standard error, before and while it trains. */
const NOISE = [
  // A bar shows speeds, and how often it is drawn goes by the time that passes.
  /\d%\|[ █▏▎▍▌▋▊▉]*\| .*\/s\]$/,
  /^The following values were not passed to `accelerate launch`|^ +`--\w+` was set to a value|^To avoid this warning/,
  /UserWarning: A new version of Albumentations|^ {2}check_for_updates|UndefinedMetricWarning|^ {2}_warn_prf/,
  // The last word of our script.
  /^auto-retrain: AutoTrain ended without /,
  // Their second lines: a report breaks long ones.
  /^ {4}(?:newly initialized because|instantiated$|be the default behavior|differences in outputs)/,
  /^Some weights of |^- classifier\.|^You should probably TRAIN|^Using a slow image processor|^$/,
]

/** A log without what came through the other pipe: where that stands among the lines of the first is chance. */
function withoutStandardError(log: string): string {
  const lines = log.split('\n').filter((line) => !NOISE.some((noise) => noise.test(line)))
  return `${lines.join('\n')}\n`
}

/** Each commit becomes a number, in full and in its first seven digits. */
function withCommits(text: string): string {
  const commits = [...new Set(text.match(/\b[0-9a-f]{40}\b/g) ?? [])]
  const numbers = new Map(
    commits.map((commit, index) => [commit.slice(0, 7), `${index + 1}`.padStart(7, '0')]),
  )
  return text.replaceAll(/\b([0-9a-f]{7})([0-9a-f]{33})?\b/g, (all, short: string, rest?: string) => {
    const number = numbers.get(short)
    if (number === undefined) return all
    return rest === undefined ? number : number.padEnd(40, '0')
  })
}

/** The ids of Jobs, which are Mongo's: 24 digits. */
function withNumberedIds(text: string): string {
  const ids = [...new Set(text.match(/\b[0-9a-f]{24}\b/g) ?? [])]
  return text.replaceAll(/\b[0-9a-f]{24}\b/g, (id) => `${ids.indexOf(id) + 1}`.padStart(24, '0'))
}
