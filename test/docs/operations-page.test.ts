import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'
import { blockUnder } from './page-blocks.ts'

const page = 'docs/operations.md'
const blocks = codeBlocks(readFileSync(page, 'utf8'))
const isShell = ({ language }: { language: string }) => ['sh', 'bash'].includes(language)

/** The scripts in a value of YAML: what stands under `run` and `command`. */
function scriptsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) =>
    ['run', 'command'].includes(key) && typeof part === 'string' ? [part] : scriptsIn(part),
  )
}

describe('What docs/operations.md shows and no test can run', () => {
  const scripts = blocks.flatMap((block) => (isShell(block) ? [block.text] : scriptsIn(parse(block.text))))

  test('The shell can read every script, also those for clusters that are not here.', () => {
    expect(scripts.length).toBeGreaterThan(20)
    const wrong = scripts.filter((script) => spawnSync('bash', ['-n'], { input: script }).status !== 0)
    expect(wrong).toEqual([])
  })

  test('The workflow of the examples has every input that gh gives it.', () => {
    const { on } = parse(readFileSync('examples/retrain.yml', 'utf8'))
    const given = scripts.flatMap((script) =>
      Array.from(script.matchAll(/gh workflow run retrain\.yml -f ([\w-]+)=/g), ([, name]) => name),
    )
    expect(given.length).toBeGreaterThan(3)
    expect(given.filter((name) => !((name ?? '') in on.workflow_dispatch.inputs))).toEqual([])
  })

  test('Whatever is started on a cluster is cancelled by a trap, or ends with the program that started it.', () => {
    const clusters = ['Slurm', 'Kubernetes', 'SageMaker', 'Ray']
    const recipes = clusters.map((heading) => blockUnder(page, { heading, part: 'command:' }))
    expect(recipes.filter((recipe) => !/^ {2}trap 'setsid .* EXIT$/m.test(recipe))).toEqual([])
    expect(blockUnder(page, { heading: 'Modal' })).not.toContain('--detach')
  })

  test('The configuration of Dependabot watches the actions, and waits before it takes a new version.', () => {
    const { version, updates } = parse(blockUnder(page, { heading: 'Upgrade', part: 'updates:' }))
    expect(version).toBe(2)
    expect(updates).toMatchObject([
      { 'package-ecosystem': 'github-actions', cooldown: { 'default-days': 7 } },
    ])
  })
})
