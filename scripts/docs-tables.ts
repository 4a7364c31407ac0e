// Writes what docs/inputs.md has of action.yml and of the trainers' keys, and the workflow of docs/set-up.md.
// Usage: node --import ./test/node-setup.js scripts/docs-tables.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { settingInputs } from '../src/action/runner/inputs.ts'
import { type RecipeSettings, trainerNames } from '../src/domain/recipe.ts'
import { kebabCase } from '../src/recipe/keys.ts'
import { recipeInputNames } from '../src/recipe/resolve.ts'
import { trainersOfKey } from '../src/recipe/trainer-keys.ts'
import {
  type ActionMetadata,
  asExample,
  inputsTable,
  outputsTable,
  readAction,
  withPart,
} from './action-tables.ts'

/** @returns docs/inputs.md with the tables that action.yml and the trainers' keys have today */
export function withInputTables(page: string, action: ActionMetadata): string {
  const parts = {
    'step inputs': inputsTable(action, Object.keys(settingInputs)),
    'recipe inputs': inputsTable(action, recipeInputNames),
    'trainer keys': trainerKeysTable(),
    outputs: outputsTable(action),
  }
  return Object.entries(parts).reduce((text, [name, content]) => withPart(text, { name, content }), page)
}

/** @returns docs/set-up.md with the example workflow as it is today */
export function withWorkflow(page: string, workflow: string): string {
  return withPart(page, { name: 'example', content: asExample(workflow) })
}

/** One row for each set of inputs that only some trainers can use. */
function trainerKeysTable(): string {
  const keys = Object.keys(trainersOfKey) as (keyof RecipeSettings)[]
  const groups = Map.groupBy(keys, (key) => trainersOfKey[key]?.join())
  const lines = [...groups.values()].map((group) => {
    const trainers = group.flatMap((key) => trainersOfKey[key] ?? [])
    const cells = trainerNames.map((trainer) => (trainers.includes(trainer) ? 'yes' : '–'))
    return `| ${[inCode(group.map(kebabCase)), ...cells].join(' | ')} |`
  })
  const head = ['Input', ...trainerNames.map((name) => `\`${name}\``)]
  return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...lines].join('\n')
}

function inCode(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ')
}

function write(file: string, update: (page: string) => string): void {
  const page = readFileSync(file, 'utf8')
  const written = update(page)
  if (written !== page) writeFileSync(file, written)
  console.log(`${file}: ${written === page ? 'nothing to write' : 'written'}.`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  write('docs/inputs.md', (page) => withInputTables(page, readAction(readFileSync('action.yml', 'utf8'))))
  write('docs/set-up.md', (page) => withWorkflow(page, readFileSync('examples/retrain.yml', 'utf8')))
}
