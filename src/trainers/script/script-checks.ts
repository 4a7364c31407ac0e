import type { Check, CheckVerdict } from '../../domain/plan/checks.ts'
import { formatConfigDuration, formatInteger } from '../../domain/text/format.ts'
import { type DependencyReview, reviewDependencies } from './header/dependencies.ts'
import { readScriptHeader, type ScriptHeader } from './header/header.ts'
import { reviewLock } from './header/lock.ts'
import { pythonCheck, uvChecks } from './python-check.ts'
import { asSentence } from './sentence.ts'
import {
  type DefaultSettings,
  mergeSettings,
  type RecipeSettings,
  type ScriptSettings,
  type Setting,
} from './settings/settings.ts'

/** A script and what the recipe says about it. */
export interface ScriptFacts {
  /** Its path in the checkout, or its URL, for messages. */
  readonly script: string
  /** Its whole text. */
  readonly text: string
  /** The text of `<script>.lock`; null without one. */
  readonly lock: string | null
  /** Whether a `pyproject.toml` is shipped beside it, which uv uses where there is no header. */
  readonly hasProject: boolean
  /** The recipe's `with`. */
  readonly packages: readonly string[]
  readonly recipe: RecipeSettings
  readonly defaults: DefaultSettings
}

/** What the text of a script says before money. */
export interface ScriptReview {
  readonly checks: readonly Check[]
  /** Null where the header cannot be read. Only to be used where no check is refused. */
  readonly settings: ScriptSettings | null
  /** Whether uv must be told to keep to the lock. Without a header it would ask for the lock of a project. */
  readonly isLocked: boolean
}

/** More sentences than these are counted, not shown. */
const maxSentences = 3

/** Checks a script from its text alone: its header, settings, Python, packages and lock. Pure; never throws. */
export function reviewScript(facts: ScriptFacts): ScriptReview {
  const { script, text, recipe, defaults } = facts
  const reading = readScriptHeader(text)
  if (!reading.isRead) {
    const { line, message } = reading.problem
    const place = line === null ? script : `${script}, line ${line}`
    const advice = asSentence(`${place}: ${message}`)
    return {
      checks: [headerCheck({ found: 'not possible', verdict: 'refused', advice })],
      settings: null,
      isLocked: false,
    }
  }
  const { header } = reading
  const { settings, problems } = mergeSettings({ hfJobs: header.hfJobs, recipe, defaults })
  return {
    checks: [
      headerCheck(headerFinding(header, facts)),
      settingsCheck(settings, { script, problems }),
      pythonCheck(settings, { script, header }),
      ...uvChecks(settings, { script, header }),
      dependencyCheck(reviewDependencies({ ...contextOf(settings, facts), header })),
      lockCheck(header, settings, facts),
    ],
    settings,
    isLocked: facts.lock !== null && header.hasBlock,
  }
}

type Found = Pick<Check, 'found' | 'verdict' | 'advice'>

function headerCheck(found: Found): Check {
  return { id: 'script-header', title: "The script's header can be read", ...found }
}

function headerFinding(header: ScriptHeader, { script, hasProject, packages }: ScriptFacts): Found {
  if (header.hasBlock) return passed(formatDependencies(header))
  if (hasProject) return passed('none: the pyproject.toml beside the script counts')
  if (packages.length > 0) return passed('none: the packages are those of "with"')
  return {
    found: 'none',
    verdict: 'warned',
    advice: `${script} has no header that declares dependencies, so it can only import what the image has: add one with uv add --script ${script} and the names of its packages.`,
  }
}

function formatDependencies({ dependencies: { length } }: ScriptHeader): string {
  return length === 1 ? '1 dependency' : `${formatInteger(length)} dependencies`
}

function settingsCheck(
  settings: ScriptSettings,
  { script, problems }: { script: string; problems: readonly string[] },
): Check {
  const [id, title] = ['script-settings', "The header's settings may be used"]
  if (problems.length > 0) {
    const advice = inSentences(problems.map((one) => asSentence(`${script}: ${one}`)))
    return { id, title, found: 'not possible', verdict: 'refused', advice }
  }
  return { id, title, ...passed(fromScript(settings).join(', ') || 'none') }
}

/** The settings that the script chose, as a plan shows them. Values of variables are left out. */
function fromScript(settings: ScriptSettings): string[] {
  const { image, flavor, timeoutMs, python, env, labels, volumes } = settings
  const isFromScript = ({ from }: Setting<unknown>) => from === 'script'
  const named = (prefix: string, all: Readonly<Record<string, Setting<string>>>) =>
    Object.entries(all).map(([key, setting]) => ({ setting, text: `${prefix}.${key}` }))
  const all = [
    { setting: image, text: `image ${image.value}` },
    { setting: flavor, text: `hardware ${flavor.value}` },
    { setting: timeoutMs, text: `timeout ${formatConfigDuration(timeoutMs.value)}` },
    { setting: python, text: `python ${python.value ?? ''}` },
    ...named('env', env),
    ...named('labels', labels),
    ...volumes.map((setting) => ({ setting, text: `volume ${setting.value.mountPath}` })),
  ]
  return all.filter(({ setting }) => isFromScript(setting)).map(({ text }) => `${text} (from script)`)
}

function dependencyCheck({ found, problems, warning }: DependencyReview): Check {
  const [id, title] = ['script-dependencies', 'The packages can be installed']
  if (problems.length > 0) {
    return { id, title, found: 'not possible', verdict: 'refused', advice: inSentences(problems) }
  }
  return { id, title, found, ...verdictOf(warning) }
}

function lockCheck(
  header: ScriptHeader,
  settings: ScriptSettings,
  { script, lock, ...facts }: ScriptFacts,
): Check {
  const [id, title] = ['script-lock', "The script's lock can be used"]
  if (lock === null) return { id, title, ...passed('none') }
  if (!header.hasBlock) {
    const advice = `${script}.lock has no effect, because ${script} has no header: declare its dependencies there, and lock them again.`
    return { id, title, found: 'not used', verdict: 'warned', advice }
  }
  const { environment } = contextOf(settings, { script, lock, ...facts })
  const { found, problem, warning } = reviewLock({ path: `${script}.lock`, text: lock, header, environment })
  if (problem !== null) return { id, title, found, verdict: 'refused', advice: problem }
  return { id, title, found, ...verdictOf(warning) }
}

function contextOf({ image, env }: ScriptSettings, { script, packages, lock }: ScriptFacts) {
  const environment = Object.fromEntries(Object.entries(env).map(([name, { value }]) => [name, value]))
  return { script, packages, image: image.value, hasLock: lock !== null, environment }
}

function verdictOf(warning: string | null): { verdict: CheckVerdict; advice: string | null } {
  return { verdict: warning === null ? 'passed' : 'warned', advice: warning }
}

function passed(found: string): Found {
  return { found, verdict: 'passed', advice: null }
}

function inSentences(sentences: readonly string[]): string {
  const more = sentences.length - maxSentences
  return `${sentences.slice(0, maxSentences).join(' ')}${more > 0 ? ` (${more} more)` : ''}`
}
