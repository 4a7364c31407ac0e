import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { meaningOf, readAction, withTables } from '../../scripts/action-tables.ts'
import { codeBlocks } from '../../scripts/markdown-blocks.ts'
import { outputNames } from '../../src/action/runner/command-files/outputs.ts'
import { settingInputs } from '../../src/action/runner/inputs.ts'
import type { RecipeSettings } from '../../src/domain/recipe.ts'
import { readConfigFile } from '../../src/recipe/config-text/config-file.ts'
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

describe('The README', () => {
  const readReadme = () => readFileSync('README.md', 'utf8')

  test('Its tables are those of action.yml: npm run format writes them.', () => {
    const readme = readReadme()
    expect(withTables(readme, action, readFileSync('examples/retrain.yml', 'utf8'))).toBe(readme)
  })

  test('Every config file in the README is valid.', () => {
    const shown = codeBlocks(readReadme()).filter(
      ({ language, text: block }) =>
        ['json', 'yaml', 'yml'].includes(language) && /input_dataset/.test(block) && !/^jobs:/m.test(block),
    )
    for (const { language, text: block } of shown) {
      const file = { path: `README.md.${language}`, text: block }
      expect(readConfigFile(file).entries.length).toBeGreaterThan(0)
      expect(resolveRecipes({ file, inputs: {} }).length).toBeGreaterThan(0)
    }
  })
})
