import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { columnRoles, taskNames } from '../../../src/domain/tasks.ts'
import type { Family } from '../../../src/trainers/autotrain/params/facts.ts'
import {
  cudaOptimizers,
  families,
  familyOf,
  foreignOptimizers,
  plainOptimizers,
} from '../../../src/trainers/autotrain/params/families.ts'
import { modelTypes, nativeTypes } from '../../../src/trainers/autotrain/params/model-types.ts'
import { ownKeyProblem } from '../../../src/trainers/autotrain/params/own-keys.ts'
import { readValue } from '../../../src/trainers/autotrain/params/values.ts'
import { pythonYaml } from '../../../src/trainers/autotrain/python-yaml.ts'
import { difficultTexts } from '../../trainers/autotrain/difficult-texts.ts'
import type { Check } from '../lane.ts'
import { mustRun } from '../tools/command.ts'

/** What params.py prints. */
interface RealParams {
  readonly classes: Readonly<
    Record<string, Readonly<Record<string, readonly [type: string, fallback: unknown]>>>
  >
  readonly taken: readonly boolean[]
  readonly optimizers: readonly string[]
  readonly schedulers: readonly string[]
  readonly types: Readonly<Record<string, readonly string[]>>
  readonly native: readonly string[]
}

/** Schedules that fail in AutoTrain, which passes none of their arguments on. */
const failingSchedules = ['cosine_with_min_lr', 'warmup_stable_decay']

/** Values of every kind. AutoTrain takes true for the number 1, which is refused here. */
const values = [
  ...[0, 1, 2, -1, 2.5, 1e20, null, [], ['a'], [1], {}],
  ...[
    '3',
    '3.0',
    ' 3 ',
    '+3',
    '-3',
    '1_000',
    '1__0',
    '_1',
    '2.5',
    '.5',
    '5.',
    '1e3',
    '5e-5',
    '0x10',
    '3a',
    '',
    ' ',
  ],
  ...['true', 'Yes', 'on', 'T', 'n', 'OFF', 'f', '1', '0', 'maybe', 'none', ' yes'],
]

/** A field of each type. */
const fields = [
  ['TextClassificationParams', 'epochs'],
  ['TextClassificationParams', 'lr'],
  ['TextClassificationParams', 'auto_find_batch_size'],
  ['TextClassificationParams', 'optimizer'],
  ['LLMTrainingParams', 'model_ref'],
  ['LLMTrainingParams', 'max_completion_length'],
  ['TabularParams', 'numerical_columns'],
] as const

const cases = fields.flatMap(([name, field]) => values.map((value) => [name, field, value] as const))

function ours() {
  const described = Object.entries(families).map(([name, family]) => [
    name,
    Object.fromEntries(
      Object.entries(family).map(([key, { type, fallback }]) => [key, show(type, fallback)]),
    ),
  ])
  const names = Object.entries(families).map(([name, family]) => [name, Object.keys(family).sort()])
  return { described: Object.fromEntries(described), names: Object.fromEntries(names) }
}

const show = (type: string, fallback: unknown) => `${type} = ${JSON.stringify(fallback)}`

/** The columns that the tasks of each class have as roles. */
function columnsByClass(): Record<string, string[]> {
  const ofFamily = (family: Family) =>
    taskNames.filter((task) => familyOf(task) === family).flatMap((task) => columnRoles(task))
  return Object.fromEntries(
    Object.entries(families).map(([name, family]) => [
      name,
      [...new Set(ofFamily(family).map((role) => role.name))].sort(),
    ]),
  )
}

/** One line for each value, so that a difference names it. */
const takenBy = (taken: readonly boolean[]) =>
  Object.fromEntries(
    cases.map(([, field, value], at) => [`${field}: ${JSON.stringify(value)}`, taken[at] ?? false]),
  )

const paramsCheck: Check = {
  name: 'autotrain: parameters, their values, and the model types of each task',
  group: 'autotrain',
  needs: ['python'],
  answers: {
    names: ours().names,
    columns: columnsByClass(),
    parameters: ours().described,
    taken: takenBy(
      cases.map(([name, field, value]) => {
        const facts = Object.entries(families[name]).find(([key]) => key === field)?.[1]
        return facts !== undefined && readValue(facts, value) !== undefined
      }),
    ),
    optimizers: [...plainOptimizers, ...cudaOptimizers, ...foreignOptimizers].sort(),
    schedulers: [...(families.TextRegressionParams.scheduler?.words ?? []), ...failingSchedules].sort(),
    types: Object.fromEntries(Object.entries(modelTypes).map(([name, types]) => [name, [...types].sort()])),
    native: [...nativeTypes].sort(),
  },
  async observe(tools) {
    const python = await tools.python('autotrain')
    const script = fileURLToPath(new URL('params.py', import.meta.url))
    const { stdout } = await mustRun(python.program('python'), [script, JSON.stringify(cases)])
    // AutoTrain logs to the standard output as well.
    const real = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as RealParams
    const classes = Object.entries(real.classes).map(([name, all]): [string, [string, string][]] => [
      name,
      Object.entries(all)
        .filter(([key]) => ownKeyProblem(key) === null)
        .map(([key, [type, fallback]]) => [key, show(type, fallback)]),
    ])
    return {
      seen: {
        names: Object.fromEntries(classes.map(([name, all]) => [name, all.map(([key]) => key).sort()])),
        columns: Object.fromEntries(
          Object.entries(real.classes).map(([name, all]) => [
            name,
            Object.keys(all)
              .filter((key) => /_columns?$/.test(key))
              .sort(),
          ]),
        ),
        parameters: Object.fromEntries(classes.map(([name, all]) => [name, Object.fromEntries(all)])),
        taken: takenBy(real.taken),
        optimizers: real.optimizers,
        schedulers: real.schedulers,
        types: real.types,
        native: real.native,
      },
      against: await python.versions('autotrain-advanced', 'transformers', 'pydantic'),
    }
  },
}

/** Everything that is hard to read back, as keys and as values. */
const document = {
  texts: difficultTexts,
  keys: Object.fromEntries(difficultTexts.map((text) => [text, 1])),
  numbers: [0, -1, 0.1, 5e-5, 1e-7, 1.5e-10, 1e21, -2.5e300],
  others: [true, false, null, [], {}],
}

const yamlCheck: Check = {
  name: 'autotrain: the config, as PyYAML reads it',
  group: 'autotrain',
  needs: ['python'],
  answers: Object.fromEntries(Object.entries(document).map(([key, value]) => [key, JSON.stringify(value)])),
  async observe(tools) {
    const python = await tools.python('autotrain')
    const file = join(mkdtempSync(join(tmpdir(), 'auto-retrain-yaml-')), 'config.yml')
    writeFileSync(file, pythonYaml(document))
    const program = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))'
    const { stdout } = await mustRun(python.program('python'), ['-c', program, file])
    const read = JSON.parse(stdout) as Record<string, unknown>
    return {
      seen: Object.fromEntries(Object.entries(read).map(([key, value]) => [key, JSON.stringify(value)])),
      against: await python.versions('pyyaml'),
    }
  },
}

/** AutoTrain's own classes and PyYAML, against what this project writes down of them. */
export const paramChecks: readonly Check[] = [yamlCheck, paramsCheck]
