import { readFileSync } from 'node:fs'
import { codeBlocks } from '../../../scripts/markdown-blocks.ts'

/** What deploy/hf-job/README.md tells its reader to write and to run. */
export interface HfJobReadme {
  /** The files to write, `relay.env` and `relay.secrets`, by name and value. */
  readonly settings: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  /** The blocks of commands, in their order. */
  readonly blocks: readonly string[]
}

/** Reads the page. */
export function readHfJobReadme(): HfJobReadme {
  const found = codeBlocks(readFileSync('deploy/hf-job/README.md', 'utf8'))
  const [settings = {}, secrets = {}] = found
    .filter(({ language }) => language === 'ini')
    .map(({ text }) => valuesOf(text))
  const blocks = found.filter(({ language }) => language === 'sh').map(({ text }) => text)
  return { settings, secrets, blocks }
}

/** The values of a file with one `NAME=value` a line. */
function valuesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
}

/** A file with these values. */
export function fileOf(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** The options of the page's `hf jobs scheduled run`, and what follows them. */
interface ScheduledRun {
  readonly options: Readonly<Record<string, string>>
  readonly schedule: string
  readonly image: string
  readonly command: readonly string[]
}

/** @throws Error when the page has no such command */
export function readScheduledRun({ blocks }: Pick<HfJobReadme, 'blocks'>): ScheduledRun {
  const text = blocks.join('\n').replaceAll('\\\n', ' ').replaceAll('"', '')
  const [, line] = /\$\(hf jobs scheduled run ([^)]+)\)/.exec(text) ?? []
  if (line === undefined) throw new Error('deploy/hf-job/README.md has no hf jobs scheduled run.')
  const words = line.trim().split(/\s+/)
  const options: Record<string, string> = {}
  while (words[0]?.startsWith('--')) {
    const name = words.shift() ?? ''
    options[name] = name === '--quiet' ? '' : (words.shift() ?? '')
  }
  const [schedule = '', image = '', ...command] = words
  return { options, schedule, image, command }
}

/**
 * The request that `hf` makes of that command, which the reality lane compares with what it really sends.
 *
 * @param given.commit what the page calls `$commit`
 */
export function scheduledRequest(
  { options, schedule, image, command }: ScheduledRun,
  given: Pick<HfJobReadme, 'settings' | 'secrets'> & { commit: string },
): Record<string, unknown> {
  const volume = (options['--volume'] ?? '').replace('$commit', given.commit)
  const [, source, revision, mountPath] = /^hf:\/\/datasets\/([^@]+)@(\w+):(\/\w+):ro$/.exec(volume) ?? []
  const [, minutes] = /^(\d+)m$/.exec(options['--timeout'] ?? '') ?? []
  return {
    jobSpec: {
      command,
      arguments: [],
      environment: given.settings,
      flavor: options['--flavor'],
      secrets: given.secrets,
      timeoutSeconds: Number(minutes) * 60,
      labels: { name: options['--name'] },
      volumes: [{ type: 'dataset', source, mountPath, revision, readOnly: true }],
      dockerImage: image,
    },
    schedule,
  }
}
