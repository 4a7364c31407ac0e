import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'

const read = (file: string) => readFileSync(file, 'utf8')
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const decisions = readdirSync('docs/decisions').filter((name) => name !== 'README.md')
const pages = [
  ...['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', '.github/pull_request_template.md'],
  ...readdirSync('docs/decisions').map((name) => `docs/decisions/${name}`),
]

/** The names by which GitHub links the headings of a page. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )

describe('The pages for contributors', () => {
  test.each(pages)(
    'Every link of %s leads to a file of this repository, and to a heading that is there.',
    (page) => {
      const links = [...read(page).matchAll(/\]\((?!https:)([^)#]*)(?:#([^)]*))?\)/g)]
      const broken = links.filter(([, path = '', anchor]) => {
        const file = path === '' ? page : join(dirname(page), path)
        return !existsSync(file) || (anchor !== undefined && !anchorsOf(read(file)).includes(anchor))
      })
      expect(broken.map(([link]) => link)).toEqual([])
    },
  )

  test('Every path that they name in code exists.', () => {
    const named = pages.flatMap((page) =>
      [...read(page).matchAll(/`((?:src|test|scripts|docs|examples|\.github|\.ci)\/[\w./*-]*)`/g)].map(
        ([, path = '']) => path,
      ),
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter((path) => !existsSync(path) && globSync(path).length === 0)).toEqual([])
  })

  test('Every block of commands is of scripts that are there, or is marked as not run, with the reason.', () => {
    const run = /^(?:npm ci|npm (?:run )?([\w:-]+)(?: -- .*)?)$/
    const unknown = pages.flatMap((page) =>
      codeBlocks(read(page)).flatMap(({ text, firstLine }) => {
        const before = read(page)
          .split('\n')
          .slice(0, firstLine - 2)
          .join('\n')
        if (/<!-- not run: [^>]+ -->\s*$/.test(before)) return []
        return text
          .trim()
          .split('\n')
          .filter(
            (line) => !run.test(line) || ![undefined, ...Object.keys(scripts)].includes(run.exec(line)?.[1]),
          )
      }),
    )
    expect(unknown).toEqual([])
  })

  test('Every file of a test or an example in their commands is there.', () => {
    const files = pages.flatMap((page) =>
      [...read(page).matchAll(/npm [\w: ]+ -- ((?:test|examples)\/[\w./-]+)/g)].map(([, path = '']) => path),
    )
    expect(files.length).toBeGreaterThan(3)
    expect(files.filter((path) => !existsSync(path))).toEqual([])
  })

  test('The limits of time that CONTRIBUTING.md gives are those of .ci/run.', () => {
    const limits = new Map(
      [...read('.ci/run').matchAll(/^check(?:_tests)? '[^']+' (\d+) (npm run .+)$/gm)].map(
        ([, minutes, command = '']) => [command.replace(/ --$/, ''), minutes],
      ),
    )
    const said = [
      ...read('CONTRIBUTING.md').matchAll(/^\| `(npm run [^`]+)` \|[^|]*\| up to (\d+) minutes \|$/gm),
    ]
    expect(said.length).toBe(3)
    expect(said.filter(([, command = '', minutes]) => limits.get(command) !== minutes)).toEqual([])
  })
})

test('Each section of CHANGELOG.md is what is not released yet, or a version with its day or the word unreleased.', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading)
  expect(headings[0]).toBe('[Unreleased]')
  const form = /^\[\d+\.\d+\.\d+\] - (?:\d{4}-\d{2}-\d{2}|unreleased)$/
  expect(headings.slice(1).filter((heading) => !form.test(heading))).toEqual([])
})

describe('The pages of decisions', () => {
  test('Each has the same form: context, decision, consequences, and what would change it.', () => {
    const forms = decisions.map((name) => [
      name,
      [...read(`docs/decisions/${name}`).matchAll(/^## (.*)$/gm)].map(([, title]) => title),
    ])
    const form = ['Context', 'Decision', 'Consequences', 'What would change it']
    expect(forms).toEqual(decisions.map((name) => [name, form]))
  })

  test('The index has each of them by its title.', () => {
    const listed = [...read('docs/decisions/README.md').matchAll(/^\| \[(.+)\]\((.+)\) \|/gm)]
    const titles = decisions.map((name) => [/^# (.*)$/m.exec(read(`docs/decisions/${name}`))?.[1], name])
    expect(listed.map(([, title, name]) => [title, name]).sort()).toEqual(titles.sort())
  })
})

describe('The settings for contributors', () => {
  const workflows = globSync('.github/workflows/*.yml').map(read).join('\n')

  test('.nvmrc is the Node of every workflow.', () => {
    const versions = [...workflows.matchAll(/node-version: (\S+)/g)].map(([, version]) => version)
    expect(new Set(versions)).toEqual(new Set([read('.nvmrc').trim()]))
  })

  test('.editorconfig has the indentation, the line ends and the width that the formatter has.', () => {
    const { formatter } = JSON.parse(read('biome.json')) as {
      formatter: { indentStyle: string; indentWidth: number; lineWidth: number }
    }
    const all = /\[\*\]\n((?:.+\n)+)/.exec(read('.editorconfig'))?.[1]
    expect(all).toContain(`indent_style = ${formatter.indentStyle}\nindent_size = ${formatter.indentWidth}\n`)
    expect(all).toContain(`max_line_length = ${formatter.lineWidth}\n`)
    expect(all).toContain('end_of_line = lf\n')
  })

  test('The dependency bot waits before each update, and groups them.', () => {
    const { updates } = parse(read('.github/dependabot.yml')) as {
      updates: { 'package-ecosystem': string; cooldown?: Record<string, number>; groups?: object }[]
    }
    expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions'])
    for (const { cooldown = {}, groups = {} } of updates) {
      expect(cooldown['default-days']).toBeGreaterThanOrEqual(7)
      expect(Object.keys(groups)).not.toEqual([])
    }
    // https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference#cooldown-
    expect(Object.keys(updates[1]?.cooldown ?? {})).toEqual(['default-days'])
  })

  test('Code owners are named for paths that are there.', () => {
    const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      encoding: 'utf8',
    }).split('\n')
    const paths = [...read('.github/CODEOWNERS').matchAll(/^\/(\S+) @/gm)].map(([, path = '']) => path)
    expect(paths.length).toBeGreaterThan(3)
    expect(paths.filter((path) => !tracked.some((file) => file === path || file.startsWith(path)))).toEqual(
      [],
    )
  })

  // https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
  test.each(['bug', 'feature'])('The form for a %s has what GitHub asks for.', (name) => {
    interface Field {
      type: string
      id?: string
      attributes: { label?: string; value?: string; options?: unknown[] }
    }
    const form = parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`)) as {
      name: string
      description: string
      body: Field[]
    }
    expect(form).toMatchObject({ name: expect.any(String), description: expect.any(String) })
    const fields = form.body.filter(({ type }) => type !== 'markdown')
    expect(fields.filter(({ attributes }) => attributes.label === undefined)).toEqual([])
    const ids = fields.map(({ id }) => id)
    expect([...new Set(ids)]).toEqual(ids)
    const chosen = fields
      .filter(({ type }) => type === 'dropdown')
      .flatMap(({ attributes }) => attributes.options ?? [])
    // GitHub refuses a form with another kind of option, such as a bare yes.
    expect(chosen.filter((option) => typeof option !== 'string')).toEqual([])
  })

  test('The form for a bug has every verdict.', () => {
    const verdicts = ['skipped', 'refused', 'planned', 'started', 'succeeded', 'failed', 'cancelled']
    const { body } = parse(read('.github/ISSUE_TEMPLATE/bug.yml')) as {
      body: { id?: string; attributes: { options?: string[] } }[]
    }
    const options = body.find(({ id }) => id === 'verdict')?.attributes.options
    expect(options?.slice(0, verdicts.length)).toEqual(verdicts)
  })
})
