import { isClassTask, tableKind } from '../../../../domain/tasks.ts'
import { ownScript } from '../../layout/layout.ts'
import { imageTask } from '../../layout/loaded-layout.ts'
import { type ColumnType, columnNamed } from '../files/table.ts'
import { labelColumns, mappedColumns } from './mapping.ts'
import {
  type ColumnAt,
  type ContentQuestion,
  countInWords,
  doubtful,
  fatal,
  nameOf,
  type Problem,
  placeOf,
  type ReadTable,
} from './question.ts'

/** What is wrong with labels that must be classes. The library has classes only where Parquet or the card says so. */
export function classLabelProblems(question: ContentQuestion, read: ReadTable): Problem[] {
  const { recipe, data } = question
  if (data.format !== 'parquet') return []
  const columnsOf = (role: string) =>
    mappedColumns(recipe).flatMap((mapped) => (mapped.role === role ? [mapped.column] : []))
  const problems: Problem[] = [
    ...columnsOf('image_column').flatMap((image) => imageProblems(question, { read, image })),
    ...columnsOf('objects_column').flatMap((objects) => objectProblems(question, { read, objects })),
  ]
  if (!isClassTask(recipe.task)) return problems
  for (const { column: name } of labelColumns(recipe)) {
    const column = columnNamed(read.table, name)
    if (column !== null) problems.push(...oneClassProblem({ question, read, column }))
  }
  return problems
}

function oneClassProblem(about: ColumnAt): Problem[] {
  const { question, column } = about
  const { task } = question.recipe
  const isList = task === 'token-classification'
  const type = isList && column.type.is === 'list' ? column.type.of : column.type
  const byCard = question.repository.card.hasClasses.get(column.name)
  if (type.is !== 'class' || (isList && column.type.is !== 'list')) {
    if (byCard === true) {
      return [
        doubtful(
          `input-dataset: ${placeOf(about)} holds classes only if the dataset card is right about it.`,
        ),
      ]
    }
    const wanted = isList ? 'lists of classes (Sequence of ClassLabel)' : 'classes (ClassLabel)'
    const otherPlace = imageTask.test(task)
      ? 'sort the images into class folders (train/<class>/)'
      : 'put the rows into a top-level train.csv or train.jsonl'
    const how = isList
      ? `cast_column("${column.name}", Sequence(ClassLabel(names=[...])))`
      : `class_encode_column("${column.name}")`
    return [
      fatal(
        `input-dataset: ${placeOf(about)} holds ${wordFor(column.type)}, not ${wanted}, so the task ${task} fails: use ` +
          `${how} and push_to_hub, or ${otherPlace}, ${ownScript}.`,
      ),
    ]
  }
  return [...classCountProblems(about, type.names), ...withoutLabel(about)]
}

function classCountProblems(about: ColumnAt, names: readonly string[]): Problem[] {
  const { question } = about
  if (question.recipe.task === 'token-classification' || names.length > 1) return []
  const only = names.map((name) => nameOf(question, name, 'one')).join('')
  return [
    fatal(
      `input-dataset: ${placeOf(about)} has fewer than two classes (${only === '' ? 'none' : only}): AutoTrain needs at ` +
        `least two, ${ownScript}.`,
    ),
  ]
}

/** Rows without a label: empty, or -1, as test splits have it. */
function withoutLabel(about: ColumnAt): Problem[] {
  const { column } = about
  const fix = `train on a split whose rows all have a label, or remove those rows, ${ownScript}`
  if (column.empty !== null && column.empty > 0) {
    const rows = countInWords(column.empty, 'row')
    return [
      fatal(`input-dataset: ${placeOf(about)} has no value in ${rows}, with which AutoTrain fails: ${fix}.`),
    ]
  }
  if (column.range === null || column.range.min >= 0) return []
  return [
    fatal(
      `input-dataset: ${placeOf(about)} has rows with the class ${column.range.min}, which means that they have no label: ${fix}.`,
    ),
  ]
}

function imageProblems(
  question: ContentQuestion,
  { read, image }: { read: ReadTable; image: string },
): Problem[] {
  const column = columnNamed(read.table, image)
  // The card may say that a column of bytes holds images.
  if (column === null || column.type.is === 'image' || question.repository.card.hasInfo) return []
  const place = placeOf({ question, read, column })
  return [
    fatal(
      `input-dataset: ${place} holds ${wordFor(column.type)}, not images: use cast_column("${image}", Image()) and ` +
        `push_to_hub, ${ownScript}.`,
    ),
  ]
}

/** AutoTrain reads the classes of objects from the type of their category. */
function objectProblems(
  question: ContentQuestion,
  { read, objects }: { read: ReadTable; objects: string },
): Problem[] {
  const column = columnNamed(read.table, objects)
  if (column === null || question.repository.card.hasInfo) return []
  const inner = column.type.is === 'list' ? column.type.of : null
  const fields = inner?.is === 'object' ? inner.fields : null
  const category = fields?.get('category')
  if (category?.is === 'class' && fields?.has('bbox') === true) return []
  const place = placeOf({ question, read, column })
  return [
    fatal(
      `input-dataset: ${place} must be a Sequence of {"bbox", "category"} whose category is a ClassLabel, so the task ` +
        `${question.recipe.task} fails: cast it and use push_to_hub, or put images and metadata.jsonl into train/, ${ownScript}.`,
    ),
  ]
}

/** What is wrong with labels that must be numbers. */
export function numberProblems(question: ContentQuestion, read: ReadTable): Problem[] {
  const { recipe, data } = question
  const { task } = recipe
  const isTable = tableKind(task) === 'classification'
  const isNumber = task === 'text-regression' || task === 'sentence-transformers:pair_score'
  if (!isTable && !isNumber) return []
  return labelColumns(recipe).flatMap(({ column: name }) => {
    const column = columnNamed(read.table, name)
    if (column === null) return []
    const place = placeOf({ question, read, column })
    // Text in Parquet may hold numbers, which a regression of texts reads.
    const mayBeNumbers = data.format !== 'csv' && data.format !== 'tsv' && task === 'text-regression'
    if (column.type.is === 'text' && !mayBeNumbers) {
      const wanted = isTable ? 'integers: number the classes' : 'numbers: correct them'
      return [fatal(`input-dataset: ${place} holds text, and AutoTrain needs ${wanted}, ${ownScript}.`)]
    }
    if (task === 'text-regression' && column.empty !== null && column.empty > 0) {
      const rows = countInWords(column.empty, 'row')
      return [
        fatal(
          `input-dataset: ${place} has no value in ${rows}: give each row a number, or remove the row, ${ownScript}.`,
        ),
      ]
    }
    return []
  })
}

function wordFor(type: ColumnType): string {
  const words: Record<ColumnType['is'], string> = {
    text: 'text',
    integer: 'numbers',
    float: 'numbers',
    boolean: 'true and false',
    image: 'images',
    other: 'other values',
    empty: 'no values',
    class: 'single classes',
    list: 'lists of plain values',
    object: 'objects',
  }
  return words[type.is]
}
