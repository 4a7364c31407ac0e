import { type DataContent, unknownContent } from '../../../../domain/data.ts'
import type { Check } from '../../../../domain/plan/checks.ts'
import type { Recipe } from '../../../../domain/recipe.ts'
import { knownVersion } from '../../known-problems.ts'
import type { Layout } from '../../layout/layout.ts'
import type { Repository } from '../../layout/repository.ts'
import type { ReadFile } from '../files/read-content.ts'
import { columnNamed } from '../files/table.ts'
import { checkColumns } from './column-checks.ts'
import { checkAgreement, checkFiles } from './file-checks.ts'
import { checkLabels } from './label-checks.ts'
import { labelColumns } from './mapping.ts'
import { type ContentQuestion, checkOf, doubtful, tablesOf } from './question.ts'
import { checkValidation } from './validation-checks.ts'

/**
 * Checks what was read of a dataset against the recipe. What was not read is `unknown` and refuses nothing.
 *
 * @param options.files what was read of them
 * @returns the checks, all of whose ids begin with `data-`
 */
export function contentChecks(options: {
  recipe: Recipe
  repository: Repository
  layout: Layout
  files: readonly ReadFile[]
}): Check[] {
  const { recipe, repository, layout, files } = options
  const layoutCheck = checkLayout(layout)
  const data = layout.kind === 'readable' ? layout.files : null
  const question = data && { recipe, repository, data, files }
  const isTable = data !== null && ['csv', 'tsv', 'json', 'parquet'].includes(data.format)
  const found =
    question === null || !isTable
      ? []
      : [
          checkFiles(question),
          checkColumns(question),
          checkLabels(question),
          checkValidation(question),
          checkAgreement(question),
          checkCard(question),
        ].filter((check) => check !== null)
  return [layoutCheck, ...found]
}

/** A check that only warns: an image of the recipe may have another AutoTrain. */
export function onlyWarned(check: Check): Check {
  if (check.verdict !== 'refused') return check
  const advice = `Unless your image differs from ${knownVersion}: ${check.advice ?? check.found}`
  return { ...check, found: `${knownVersion} would fail`, verdict: 'warned', advice }
}

function checkLayout(layout: Layout): Check {
  const check = { id: 'data-layout', title: 'Layout of the dataset' }
  if (layout.kind === 'failing') {
    return { ...check, found: 'AutoTrain cannot read it', verdict: 'refused', advice: layout.reason }
  }
  const { whyNotMounted } = layout
  const found =
    whyNotMounted === null ? 'read at the revision' : `read from the head of main, because ${whyNotMounted}`
  return { ...check, found, verdict: 'passed', advice: null }
}

/** Whether the card describes the columns that are there. Null without such a description. */
function checkCard(question: ContentQuestion): Check | null {
  const { repository, data } = question
  const { hasClasses } = repository.card
  if (hasClasses.size === 0 || data.by === 'autotrain') return null
  const check = { id: 'data-card', title: 'Description of the columns in the dataset card' }
  const tables = tablesOf(question)
  const odd = tables
    .flatMap(({ table }) => table.columns)
    .find(({ name }) => !hasClasses.has(name) && data.format !== 'json')
  const advice =
    'input-dataset: dataset_info of the dataset card describes other columns than the files have, and the library ' +
    'follows the card: correct it, or remove dataset_info.'
  const problems = odd === undefined ? [] : [doubtful(advice)]
  return checkOf(check, { problems, found: tables.length === 0 ? null : 'as in the files' })
}

/** Rows and classes of the data, where what was read tells. */
export function contentOf(options: {
  recipe: Recipe
  layout: Layout
  files: readonly ReadFile[]
}): DataContent {
  const { recipe, layout, files } = options
  if (layout.kind === 'failing' || layout.files === null) return unknownContent
  const { train, valid } = layout.files
  const rowsOf = (paths: readonly string[] | null, part: ReadFile['part']) => {
    const tables = tablesOf({ files }, part).map(({ table }) => table.rows)
    const known = tables.filter((rows) => rows !== null)
    return paths !== null && known.length === paths.length ? known.reduce((sum, rows) => sum + rows, 0) : null
  }
  const [first] = tablesOf({ files }, 'train')
  const [label] = labelColumns(recipe)
  const column = first && label && columnNamed(first.table, label.column)
  const isAll = train.length === 1 && first?.table.isWhole === true
  return {
    trainRows: rowsOf(train, 'train'),
    validRows: rowsOf(valid, 'valid'),
    hasValid: valid !== null,
    classes: isAll ? (column?.counts ?? null) : null,
  }
}
