import { closestMatch } from 'leven'
import { ledgerLabel, nonceLabel } from '../../jobs/start/job-labels.ts'
import { isTable, shown, typeOf } from '../header/toml-value.ts'
import { type Report, readList, readTable, readTimeout } from './table-values.ts'
import { readVolume, type ScriptVolume } from './volume.ts'

/** What a script's `[tool.hf-jobs]` asks for; null where it does not. Refused keys are not in it. */
export interface HfJobs {
  readonly image: string | null
  readonly flavor: string | null
  readonly timeoutMs: number | null
  readonly python: string | null
  readonly name: string | null
  readonly env: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly volumes: readonly ScriptVolume[]
  /** Names only. */
  readonly secrets: readonly string[]
}

/** The table, and one clause for each thing that is wrong in it. */
export interface HfJobsReading {
  readonly table: HfJobs
  /** What is wrong, then what to do. */
  readonly problems: readonly string[]
}

const texts = {
  image: { form: /^[\w./:@-]{1,300}$/, example: 'a Docker image, such as "python:3.12"' },
  flavor: { form: /^[a-z0-9][a-z0-9-]{0,49}$/, example: 'hardware of Hugging Face Jobs, such as "t4-small"' },
  python: { form: /^[\w<>=!~@][\w.,<>=!~@*+-]{0,49}$/, example: 'a version of Python, such as "3.12"' },
  name: { form: /^[^\p{Cc}]{1,100}$/u, example: 'a name of at most 100 characters' },
} as const

/** The keys of the client that this action does not take, each with what to do instead. */
const refused: Readonly<Record<string, string>> = {
  namespace: 'Jobs run in target-namespace of the recipe, which pays for them: remove it from the header',
  network_group:
    'a training runs alone, and a group of Jobs would be billed apart: remove it from the header',
  network_aliases: 'a training runs alone, without a network of Jobs: remove it from the header',
}

/** What people look for in the table and other places have. */
const elsewhere: Readonly<Record<string, string>> = {
  attempts: 'a failed training is never paid for again by the Hub itself: remove it',
  dependencies: 'packages stand at the top of the header, above the tables',
  hardware: 'did you mean flavor?',
  args: 'set script-args in the recipe',
  expose: 'a training has no ports: remove it',
  ssh: 'a training has no SSH: remove it',
}

const known = [
  ...Object.keys(texts),
  'timeout',
  'env',
  'secrets',
  'labels',
  'volumes',
  ...Object.keys(refused),
]

/** By these the action finds its Jobs. https://huggingface.co/docs/hub/jobs */
const ownLabels = [nonceLabel, ledgerLabel, 'recipe', 'revision', 'dataset']

const variable = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/
/**
 * Reads the table `[tool.hf-jobs]` of a script's header as the `hf` client does, with the exceptions of this action.
 * Never throws. https://huggingface.co/docs/huggingface_hub/guides/cli
 */
export function readHfJobs(table: Readonly<Record<string, unknown>>): HfJobsReading {
  const problems: string[] = []
  const report = (key: string, what: string) => {
    problems.push(`${key} in [tool.hf-jobs] ${what}`)
  }
  for (const key of Object.keys(table)) {
    const why = Object.hasOwn(refused, key) ? refused[key] : undefined
    if (why !== undefined) report(key, `is not allowed here: ${why}`)
    else if (!known.includes(key)) report(shown(key), `is unknown: ${keyHint(key)}`)
  }
  const text = (key: keyof typeof texts): string | null => {
    const value = table[key]
    if (value === undefined) return null
    if (typeof value === 'string' && texts[key].form.test(value)) return value
    report(
      key,
      `must be ${texts[key].example}, and is ${typeof value === 'string' ? shown(value) : typeOf(value)}`,
    )
    return null
  }
  const { name: nameLabel, ...labels } = readLabels(table.labels, report)
  return {
    table: {
      image: text('image'),
      flavor: text('flavor'),
      timeoutMs: readTimeout(table.timeout, report),
      python: text('python'),
      name: text('name') ?? nameLabel ?? null,
      env: readEnv(table.env, report),
      labels,
      volumes: readVolumes(table.volumes, report),
      secrets: readSecrets(table.secrets, report),
    },
    problems,
  }
}

function keyHint(key: string): string {
  const plain = key.toLowerCase().replaceAll('-', '_').slice(0, 50)
  const other = Object.hasOwn(elsewhere, plain) ? elsewhere[plain] : undefined
  if (other !== undefined) return other
  const nearest = closestMatch(plain, [...known, 'attempts'], { maxDistance: Math.max(2, plain.length / 3) })
  if (nearest === 'attempts') return `attempts is not allowed either: ${elsewhere.attempts ?? ''}`
  return nearest === undefined ? `the known keys are ${known.join(', ')}` : `did you mean ${nearest}?`
}

function readEnv(value: unknown, report: Report): Record<string, string> {
  const entries = readTable('env', value, report).filter(([name, entry]) => {
    const problem = envProblem(name, entry)
    if (problem !== null) report(`env.${shown(name)}`, problem)
    return problem === null
  })
  return Object.fromEntries(entries)
}

function envProblem(name: string, value: string): string | null {
  if (!variable.test(name)) return 'is not the name of an environment variable: use letters, digits and _'
  if (/^AUTO_RETRAIN_/i.test(name)) return 'is set by the action: choose another name'
  if (name === 'HF_TOKEN') return 'is a secret: remove it, and set give-token in the recipe'
  return value.includes('\0') ? 'has a null character, which a variable cannot have: remove it' : null
}

function readLabels(value: unknown, report: Report): Record<string, string> {
  const entries = readTable('labels', value, report).filter(([name, entry]) => {
    const own = ownLabels.find((each) => name.toLowerCase().startsWith(each))
    if (own !== undefined) {
      report(
        `labels.${shown(name)}`,
        `begins with ${own}, a label by which the action finds its Jobs: rename it`,
      )
    } else if (name === '' || name.length > 100 || entry.length > 100) {
      report(`labels.${shown(name)}`, 'must have a name and a value of at most 100 characters')
    } else return true
    return false
  })
  return Object.fromEntries(entries)
}

function readVolumes(value: unknown, report: Report): ScriptVolume[] {
  const volumes = readList('volumes', value, report).flatMap((text) => {
    const reading = readVolume(text)
    if (reading.isRead) return reading.volume
    report('volumes', `has ${shown(text)}, which ${reading.problem}`)
    return []
  })
  const paths = volumes.map(({ mountPath }) => mountPath)
  const twice = new Set(paths.filter((path, index) => paths.indexOf(path) < index))
  for (const path of twice) report('volumes', `has two volumes at ${path}: keep one of them`)
  return volumes.filter(({ mountPath }) => !twice.has(mountPath))
}

function readSecrets(value: unknown, report: Report): string[] {
  if (isTable(value)) {
    report('secrets', 'must be a list of names, such as ["WANDB_API_KEY"]: values never belong into a script')
    return []
  }
  return readList('secrets', value, report).filter((name) => {
    const isName = variable.test(name)
    // A value that was pasted here is not repeated.
    if (!isName) report('secrets', 'must be names of environment variables, such as "WANDB_API_KEY"')
    return isName
  })
}
