import { parseDocument } from 'yaml'
import { LICENSES } from './licenses.ts'

/** The metadata of a card, or nothing: as `repocard.py` of huggingface_hub finds it. */
const METADATA = /^\s*---[\r\n]+([\s\S]*?)[\r\n]+---(?:\r\n|\n|$)/

/** Each part of a repository's name. */
const ID = /^(?!.*(?:--|\.\.))\w[\w.-]{0,95}(?:\/\w[\w.-]{0,95})?$/

/** What the Hub says to a card. */
interface CardVerdict {
  errors: string[]
  warnings: string[]
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One name or a list of names, each with the field that the Hub names in its answer. */
function named(field: string, value: unknown, numbersOne: boolean): [string, unknown][] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.map((each, index) => [`${field}[${index}]`, each])
  return [[numbersOne && typeof value === 'string' ? `${field}[0]` : field, value]]
}

function wrongNames(names: readonly [string, unknown][], advice: string): string[] {
  return names.flatMap(([field, name]) => {
    if (typeof name !== 'string') return [`"${field}" must be a string`]
    return ID.test(name) ? [] : [`"${field}" with value "${name}" is not valid. ${advice}`]
  })
}

function wrongLicenses(value: unknown): string[] {
  return named('license', value, false).flatMap(([field, license]) =>
    LICENSES.includes(String(license)) ? [] : [`"${field}" must be one of [${LICENSES.join(', ')}, array]`],
  )
}

/** The keys that https://github.com/huggingface/hub-docs/blob/main/modelcard.md calls required. */
const REQUIRED = { task: ['type'], dataset: ['name', 'type'] } as const

function wrongResult(result: Fields, at: string): string[] {
  const missing = Object.entries(REQUIRED).flatMap(([part, keys]) => {
    const fields = result[part]
    if (!isFields(fields)) return [`"${at}.${part}" is required`]
    return keys.filter((key) => fields[key] === undefined).map((key) => `"${at}.${part}.${key}" is required`)
  })
  const config = isFields(result.dataset) ? result.dataset.config : undefined
  const isText = config === undefined || typeof config === 'string'
  const { metrics } = result
  return [
    ...missing,
    ...(isText ? [] : [`"${at}.dataset.config" must be a string`]),
    ...(Array.isArray(metrics)
      ? metrics.flatMap((metric: unknown, index) => wrongMetric(metric, `${at}.metrics[${index}]`))
      : [`"${at}.metrics" must be an array`]),
  ]
}

function wrongMetric(metric: unknown, at: string): string[] {
  if (!isFields(metric)) return [`"${at}" must be of type object`]
  const { config } = metric
  return [
    ...['type', 'value']
      .filter((key) => metric[key] === undefined)
      .map((key) => `"${at}.${key}" is required`),
    ...(config === undefined || typeof config === 'string' ? [] : [`"${at}.config" must be a string`]),
  ]
}

function wrongIndex(index: unknown): string[] {
  if (index === undefined || index === null) return []
  if (!Array.isArray(index)) return ['"model-index" must be an array']
  return index.flatMap((model: unknown, number) => {
    const at = `model-index[${number}]`
    if (!isFields(model)) return [`"${at}" must be of type object`]
    const name = model.name === undefined ? [`"${at}.name" is required`] : []
    if (!Array.isArray(model.results)) return [...name, `"${at}.results" must be an array`]
    return [
      ...name,
      ...model.results.flatMap((result: unknown, position) => {
        const place = `${at}.results[${position}]`
        return isFields(result) ? wrongResult(result, place) : [`"${place}" must be of type object`]
      }),
    ]
  })
}

/**
 * Checks a card's metadata. The Hub checks more; every refusal here is one that was seen there, or that its
 * specification of cards makes certain.
 *
 * @param content the whole README.md
 * @param repoType `model`, `dataset` or `space`
 * @returns what is wrong, in the Hub's words
 */
export function cardErrors(content: string, repoType: string): CardVerdict {
  const text = METADATA.exec(content)?.[1]
  if (text === undefined) {
    return { errors: [], warnings: ['empty or missing yaml metadata in repo card'] }
  }
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) return { errors: [error.message], warnings: [] }
  const data: unknown = document.toJS() ?? {}
  if (!isFields(data)) return { errors: ['"value" must be of type object'], warnings: [] }
  const ofModel = [
    ...wrongNames(
      named('datasets', data.datasets, true),
      'If possible, use a dataset id from https://hf.co/datasets.',
    ),
    ...wrongNames(named('base_model', data.base_model, false), 'Use a model id from https://hf.co/models.'),
    ...wrongIndex(data['model-index']),
  ]
  return { errors: [...wrongLicenses(data.license), ...(repoType === 'model' ? ofModel : [])], warnings: [] }
}
