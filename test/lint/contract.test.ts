import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { meaningOf, readAction } from '../../scripts/action-tables.ts'
import { withInputTables, withWorkflow } from '../../scripts/docs-tables.ts'
import { outputNames } from '../../src/action/runner/command-files/outputs.ts'
import { settingInputs } from '../../src/action/runner/inputs.ts'
import type { RecipeSettings } from '../../src/domain/recipe.ts'
import { kebabCase, recipeKeys } from '../../src/recipe/keys.ts'
import { recipeInputNames, resolveRecipes } from '../../src/recipe/resolve.ts'
import { trainersOfKey } from '../../src/recipe/trainer-keys.ts'

const text = readFileSync('action.yml', 'utf8')
const action = readAction(text)
const sorted = (names: Iterable<string>) => [...names].sort()

describe('action.yml and the code', () => {
  test('action.yml and the code have the same inputs.', () => {
    expect(sorted(Object.keys(action.inputs))).toEqual(
      sorted([...recipeInputNames, ...Object.keys(settingInputs)]),
    )
  })

  test('action.yml and the code have the same outputs.', () => {
    expect(sorted(Object.keys(action.outputs))).toEqual(sorted([...outputNames, 'results']))
  })

  test('No recipe input has a default in action.yml, which would override the config file.', () => {
    const given = recipeInputNames.filter((name) => action.inputs[name]?.default !== undefined)
    expect(given).toEqual([])
  })

  test('A setting has the same default in action.yml and in the code.', () => {
    for (const [name, fallback] of Object.entries(settingInputs)) {
      const given = action.inputs[name]?.default ?? ''
      expect([name, given.includes('github.token') ? '' : given]).toEqual([name, fallback])
    }
  })

  const described = (Object.keys(recipeKeys) as (keyof RecipeSettings)[])
    .map((key) => ({ key, name: kebabCase(key), input: action.inputs[kebabCase(key)] }))
    .filter(({ input }) => input !== undefined)

  test.each(described)(
    'The default in the description of $name is the default of the code.',
    ({ key, name, input }) => {
      const { fallback } = meaningOf(input ?? { description: '' })
      const expected = recipeKeys[key].fallback
      if (expected === undefined) return expect(fallback).toMatch(/^required\b/)
      expect(fallback).not.toBe('')
      const documented = [...fallback.matchAll(/`([^`]*)`/g)].map(([, value]) => value)
      const isNothing = expected === null || (Array.isArray(expected) && expected.length === 0)
      if (isNothing) return expect(documented).toEqual([])
      const [trainer = 'autotrain'] = trainersOfKey[key] ?? []
      const needed = { 'input-dataset': 'a/b', 'input-model': 'm', 'target-namespace': 'n', trainer }
      const [recipe] = resolveRecipes({ file: null, inputs: { ...needed, [name]: documented.join('\n') } })
      expect(recipe?.[key]).toEqual(expected)
    },
  )

  test('Every description is a whole sentence.', () => {
    for (const [name, { description }] of Object.entries({ ...action.inputs, ...action.outputs })) {
      expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z*`'].*\.\s*$/s)])
    }
  })

  test('The programs that action.yml runs exist in dist.', () => {
    const { runs } = parse(text) as { runs: { using: string; main: string; post: string } }
    expect(runs.using).toBe('node24')
    for (const program of [runs.main, runs.post])
      expect([program, existsSync(program)]).toEqual([program, true])
  })
})

describe('The generated pages', () => {
  const read = (file: string) => readFileSync(file, 'utf8')

  test('The tables of docs/inputs.md are those of action.yml and of the trainers: npm run format writes them.', () => {
    const page = read('docs/inputs.md')
    expect(withInputTables(page, action)).toBe(page)
  })

  test('docs/inputs.md has every input once, and says which trainer uses which.', () => {
    const rows = [...read('docs/inputs.md').matchAll(/^\| `([\w-]+)` \| .* \| .* \|$/gm)].map(
      ([, name]) => name,
    )
    for (const name of Object.keys(action.inputs)) {
      expect([name, rows.filter((row) => row === name).length]).toEqual([name, 1])
    }
    const page = read('docs/inputs.md')
    const uses = page.slice(page.indexOf('<!-- trainer keys -->'), page.indexOf('<!-- /trainer keys -->'))
    for (const key of Object.keys(trainersOfKey)) expect(uses).toContain(`\`${kebabCase(key)}\``)
  })

  test('The workflow of docs/set-up.md is examples/retrain.yml: npm run format writes it.', () => {
    const page = read('docs/set-up.md')
    expect(withWorkflow(page, read('examples/retrain.yml'))).toBe(page)
  })
})
