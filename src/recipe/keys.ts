import * as z from 'zod/mini'
import { readCompareMetric } from '../domain/metrics/compare-metric.ts'
import {
  type ColumnMapping,
  discussionModes,
  type RecipeSettings,
  retrainReasons,
  startModes,
  trainerNames,
} from '../domain/recipe.ts'
import { defaultRef, isBranchRef } from '../domain/revision.ts'
import { taskNames } from '../domain/tasks.ts'
import { parseDuration } from './duration.ts'
import { globsProblem, type ListPlace } from './hints/glob-problem.ts'
import { taskHint } from './hints/task-hint.ts'
import { maxPrefixLength, prefixPattern } from './project-name.ts'

/**
 * How an input of the action represents the value of a key: as a word or a name, as a script, as a JSON or YAML map, as
 * one entry per line, as a number, or as true or false.
 */
export type InputForm = 'text' | 'script' | 'map' | 'list' | 'number' | 'boolean'

/** One key of a recipe, for the config file (snake_case) and the inputs (kebab-case). */
export interface RecipeKey<T> {
  readonly schema: z.ZodMiniType<T>
  readonly form: InputForm
  /** The allowed values, as the end of a sentence that begins with the key's name and "must be". */
  readonly allowed: string
  /** What is wrong with a value of the allowed form, as the end of such a sentence; null: nothing. */
  readonly problem?: (value: unknown, place: ListPlace) => string | null
  /** What was probably meant by a value that is not allowed, as the end of a sentence after a colon, with its mark; null: unknown. */
  readonly hint?: (value: unknown) => string | null
  /** The default; undefined when the key is required. */
  readonly fallback: T | undefined
}

const text = (pattern: RegExp) => z.string().check(z.regex(pattern))
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => ({
  schema: z.enum(values),
  form: 'text' as const,
  allowed: `one of ${values.join(', ')}`,
})
const yesOrNo = { schema: z.boolean(), form: 'boolean' as const, allowed: 'true or false' }
const durationForm = 'a whole number with a unit (s, m, h or d), such as 90s, 5m or 2h'
const duration = z.pipe(
  z.string().check(z.refine((value) => parseDuration(value) !== null)),
  z.transform((value) => parseDuration(value) ?? 0),
)
const percentage = z.pipe(
  text(/^(?:100(?:\.0{1,2})?|\d{1,2}(?:\.\d{1,2})?)%$/),
  z.transform((value) => Number(value.slice(0, -1))),
)
const globs = {
  schema: z.array(z.string().check(z.minLength(1), z.maxLength(500))),
  form: 'list' as const,
  allowed: 'a list of globs, such as ["data/**"] in a file, and one on each line in an input',
  problem: (value: unknown, place: ListPlace) =>
    Array.isArray(value)
      ? globsProblem(
          value.filter((glob) => typeof glob === 'string'),
          place,
        )
      : null,
}
const splitName = {
  schema: text(/^[\w.:-]{1,100}$/),
  form: 'text' as const,
  allowed: 'the name of a split, such as train',
}

const comparedMetric = z.pipe(
  z.string().check(z.refine((value) => readCompareMetric(value) !== null)),
  z.transform((value) => value.normalize('NFC')),
)

type Keys = { readonly [K in keyof RecipeSettings]: RecipeKey<RecipeSettings[K]> }

/**
 * All keys of a recipe with their defaults and allowed values. The inputs of action.yml have no defaults of their own,
 * because those would override the config file.
 */
export const recipeKeys: Keys = {
  inputDataset: {
    schema: text(/^[\w.-]{1,96}\/[\w.-]{1,96}$/),
    form: 'text',
    allowed: 'a dataset on the Hub, such as acme/digits',
    fallback: undefined,
  },
  inputModel: {
    schema: text(/^(?:[\w.-]{1,96}\/)?[\w.-]{1,96}$/),
    form: 'text',
    allowed: 'a model on the Hub, such as microsoft/resnet-50',
    fallback: undefined,
  },
  targetNamespace: {
    schema: text(/^[\w.-]{1,96}$/),
    form: 'text',
    allowed: 'a user or an organisation on the Hub, such as acme',
    fallback: undefined,
  },
  autotrainProjectPrefix: {
    schema: text(prefixPattern),
    form: 'text',
    allowed: `words of letters and digits joined by single hyphens, at most ${maxPrefixLength} characters`,
    fallback: 'auto-retrain',
  },
  ref: {
    schema: z.string().check(z.refine(isBranchRef)),
    form: 'text',
    allowed: 'a branch as a full ref, such as refs/heads/main',
    fallback: defaultRef,
  },
  paths: { ...globs, fallback: [] },
  pathsIgnore: { ...globs, fallback: ['README.md', '.gitattributes'] },
  minChangedFiles: {
    schema: z.int().check(z.gte(1), z.lte(1_000_000)),
    form: 'number',
    allowed: 'a whole number from 1 to 1000000',
    fallback: 1,
  },
  maxRemoved: {
    schema: percentage,
    form: 'text',
    allowed: 'a percentage from 0% to 100%, such as 50%; 100% switches the check off',
    fallback: 50,
  },
  settle: { schema: duration, form: 'text', allowed: durationForm, fallback: 0 },
  task: {
    ...oneOf(taskNames as [(typeof taskNames)[number]]),
    hint: taskHint,
    fallback: 'image-classification',
  },
  trainSplit: { ...splitName, fallback: 'train' },
  validSplit: { ...splitName, schema: z.nullable(splitName.schema), fallback: null },
  columnMapping: {
    // The roles depend on the task: `readColumnMapping` checks them once that is known.
    schema: z.custom<ColumnMapping>(),
    form: 'map',
    allowed: 'a map from the roles of the task to columns',
    fallback: { image_column: 'image', target_column: 'label' },
  },
  params: {
    schema: z.record(z.string(), z.unknown()),
    form: 'map',
    allowed: 'a map of hyperparameters, such as {"epochs": 3}',
    fallback: {},
  },
  retrainOn: {
    schema: z.array(z.enum(retrainReasons)),
    form: 'list',
    allowed: `a list of ${retrainReasons.join(', ')} (in an input: one on each line)`,
    fallback: ['data'],
  },
  trainer: { ...oneOf(trainerNames), fallback: 'autotrain' },
  expectModel: { ...yesOrNo, fallback: true },
  hardware: {
    schema: text(/^[a-z0-9][a-z0-9-]{0,49}$/),
    form: 'text',
    allowed: 'the name of hardware of Hugging Face Jobs, such as t4-small',
    hint: hardwareHint,
    fallback: 't4-small',
  },
  timeout: {
    schema: duration.check(z.gte(60_000)),
    form: 'text',
    allowed: `${durationForm}, and at least 1m`,
    fallback: 7_200_000,
  },
  image: {
    schema: z.nullable(text(/^[\w./:@-]{1,300}$/)),
    form: 'text',
    allowed: 'a Docker image, such as python:3.12',
    fallback: null,
  },
  command: {
    schema: z.nullable(z.string().check(z.minLength(1), z.maxLength(100_000))),
    form: 'script',
    allowed: 'a shell script',
    fallback: null,
  },
  script: {
    schema: z.nullable(z.string().check(z.refine(isScriptPlace))),
    form: 'text',
    allowed:
      'the path of a .py file in the checkout, such as training/train.py, or an https URL of one with a full commit sha in it',
    fallback: null,
  },
  scriptArgs: {
    schema: z.array(z.string().check(z.minLength(1), z.maxLength(4000))).check(z.maxLength(200)),
    form: 'list',
    allowed: 'a list of arguments, such as ["--epochs=5"] in a file, and one on each line in an input',
    fallback: [],
  },
  files: { ...globs, fallback: [] },
  python: {
    schema: z.nullable(text(/^3\.\d{1,2}(?:\.\d{1,2})?$/)),
    form: 'text',
    allowed: 'a version of Python, such as 3.12',
    fallback: null,
  },
  with: {
    schema: z.array(z.string().check(z.minLength(1), z.maxLength(500))).check(z.maxLength(100)),
    form: 'list',
    allowed: 'a list of dependencies, such as ["trl==1.16.0"] in a file, and one on each line in an input',
    fallback: [],
  },
  env: {
    schema: z.record(z.string().check(z.refine(isOwnVariable)), z.string().check(z.maxLength(10_000))),
    form: 'map',
    allowed:
      'a map from names of environment variables to texts, such as {"WANDB_PROJECT": "digits"}; names of ours (AUTO_RETRAIN_...), HF_TOKEN and secrets do not belong there',
    fallback: {},
  },
  secrets: {
    schema: z.array(z.string().check(z.refine(isOwnVariable))).check(z.maxLength(50)),
    form: 'list',
    allowed:
      'a list of names of environment variables, such as ["WANDB_API_KEY"]; give-token decides about HF_TOKEN, and names of ours (AUTO_RETRAIN_...) are taken',
    fallback: [],
  },
  giveToken: {
    schema: z.nullable(z.boolean()),
    form: 'boolean',
    allowed: 'true or false',
    fallback: null,
  },
  maxCost: {
    schema: z.number().check(z.gte(0), z.lte(1_000_000)),
    form: 'number',
    allowed: 'an amount in USD, such as 5 or 0.50',
    fallback: 5,
  },
  maxRunsPerDay: {
    schema: z.int().check(z.gte(0), z.lte(1000)),
    form: 'number',
    allowed: 'a whole number from 0 to 1000',
    fallback: 24,
  },
  wait: { ...yesOrNo, fallback: true },
  discussion: { ...oneOf(discussionModes), fallback: 'thread' },
  modelCard: { ...yesOrNo, fallback: true },
  compareMetric: {
    schema: z.nullable(comparedMetric),
    form: 'text',
    allowed:
      'the name of a metric, such as eval_accuracy, or with :min or :max at its end, such as eval_wer:min',
    problem: directionProblem,
    fallback: null,
  },
  minImprovement: {
    schema: z.number().check(z.gte(0)),
    form: 'number',
    allowed: 'a number, 0 or greater',
    fallback: 0,
  },
  publishTo: {
    schema: z.nullable(text(/^[\w.-]{1,96}\/[\w.-]{1,96}$/)),
    form: 'text',
    allowed: 'a model on the Hub, such as acme/digits',
    fallback: null,
  },
  publishPublic: { ...yesOrNo, fallback: false },
  publishOver: { ...yesOrNo, fallback: false },
  publishCode: { ...yesOrNo, fallback: false },
  startFrom: { ...oneOf(startModes), fallback: 'base' },
}

/** A guess that is wrong would publish the worse model, so that a name that does not say it is asked for, at no cost. */
function directionProblem(value: unknown): string | null {
  const compared = typeof value === 'string' ? readCompareMetric(value) : null
  if (compared === null || compared.direction !== null) return null
  const { name } = compared
  return (
    `must have :max or :min at its end, because the name ${name} does not say whether higher or lower is better: ` +
    `write ${name}:max or ${name}:min.`
  )
}

/** Nothing that is sent there leaves the machine. */
const loopback = ['localhost', '127.0.0.1', '[::1]']

/** A URL without a commit in it could have other content tomorrow. */
function isScriptPlace(value: string): boolean {
  if (/^https?:\/\//.test(value)) {
    const url = URL.parse(value)
    const path = url?.pathname ?? ''
    const isSafe = url?.protocol === 'https:' || loopback.includes(url?.hostname ?? '')
    return isSafe && url?.username === '' && /\/[0-9a-f]{40}\//.test(path) && /\/[\w.-]+\.py$/.test(path)
  }
  const parts = value.split('/')
  const isInside = parts.every((part) => part !== '' && part !== '.' && part !== '..')
  return isInside && value.length <= 300 && /^[^\\:*?"<>|\p{C}\p{Zl}\p{Zp}]+\.py$/u.test(value)
}

/** Whether a name may be given to a training by a person. */
function isOwnVariable(name: string): boolean {
  return /^[A-Za-z_]\w{0,199}$/.test(name) && !/^(?:AUTO_RETRAIN_|HF_TOKEN$)/.test(name)
}

/** The Hub's names are in lower case, with hyphens. Whether there is such hardware is checked with its price. */
function hardwareHint(value: unknown): string | null {
  if (typeof value !== 'string' || !/^[a-z0-9]+(?:[-_ ]+[a-z0-9]+)*$/i.test(value) || value.length > 50)
    return null
  const name = value.toLowerCase().replaceAll(/[-_ ]+/g, '-')
  return `names of hardware are in lower case and have hyphens: write ${name}.`
}

/** Converts a key to the form of the inputs: `inputDataset` to `input-dataset`. */
export function kebabCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** Converts a key to the form of the config file: `inputDataset` to `input_dataset`. */
export function snakeCase(key: string): string {
  return kebabCase(key).replaceAll('-', '_')
}
