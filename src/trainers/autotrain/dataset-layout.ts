import { type DataContent, unknownContent } from '../../domain/data.ts'
import type { DataLook, PlannedOrder } from '../../domain/plan/training-plan.ts'
import type { Hub } from '../../hub/hub.ts'
import { contentChecks, contentOf, onlyWarned } from './content/checks/content-checks.ts'
import { readContent } from './content/files/read-content.ts'
import { imageLayout } from './layout/image-layout.ts'
import type { Layout, Question, Validation } from './layout/layout.ts'
import { imageTask } from './layout/loaded-layout.ts'
import { readRepository } from './layout/repository.ts'
import { tableLayout } from './layout/table-layout.ts'

/** Where a Job's container has the dataset mounted. */
export const mountPath = '/data'

/** How AutoTrain reads the data. */
interface DataFacts {
  /** A folder, or the dataset's name on the Hub. */
  readonly path: string
  readonly validation: Validation
  /** What a person should know about the data, as sentences. */
  readonly notes: readonly string[]
  /** Whether AutoTrain can read it, as far as the listing and the card tell. */
  readonly isReadable: boolean
  /** What the listing and the card say; null where nobody asked. */
  readonly known: { readonly question: Question; readonly layout: Layout } | null
}

/** Where AutoTrain reads the data from. */
export type DataSource =
  /** From the mounted volume: exactly the ordered revision. */
  | (DataFacts & { readonly isPinned: true })
  /** From the Hub: the newest commit of main at the start. `why` continues a sentence after "because". */
  | (DataFacts & { readonly isPinned: false; readonly why: string })

/** A dataset that is mounted whatever its layout. */
export const mountedSource: DataSource = {
  isPinned: true,
  path: mountPath,
  validation: 'none',
  notes: [],
  isReadable: true,
  known: null,
}

/**
 * Finds out from the listing and the card how AutoTrain reads a dataset. A folder is the only way to train on a chosen
 * revision, because AutoTrain always reads the newest commit from the Hub. AutoTrain itself reads folders of images by
 * class and tables named like the split, if they follow its rules. It leaves everything else to `load_dataset`, which
 * reads a folder just as it reads the Hub.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/project.py
 * https://huggingface.co/docs/datasets/loading#local-and-remote-files
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function findDataSource(
  hub: Hub,
  { recipe, revision }: PlannedOrder,
  signal: AbortSignal,
): Promise<DataSource> {
  const dataset = recipe.inputDataset
  const question = { repository: await readRepository(hub, { dataset, revision, signal }), recipe }
  const layout = layoutOf(question)
  const known = { question, layout }
  if (layout.kind === 'failing') {
    const why = 'AutoTrain cannot read it'
    return { isPinned: false, path: dataset, why, validation: 'none', notes: [], isReadable: false, known }
  }
  const { whyNotMounted: why, validation, notes } = layout
  const facts = { validation, notes, isReadable: true, known }
  if (why === null) return { ...facts, isPinned: true, path: mountPath }
  return { ...facts, isPinned: false, path: dataset, why }
}

/**
 * Looks into a few files of the data: columns, classes and counts.
 *
 * @throws the signal's reason once it is aborted; what cannot be read is unknown
 */
export async function lookIntoData(
  hub: Hub,
  { source, revision, signal }: { source: DataSource; revision: string; signal: AbortSignal },
): Promise<DataLook> {
  if (source.known === null) return { checks: [], content: unknownContent }
  const { question, layout } = source.known
  const { recipe, repository } = question
  const data = layout.kind === 'readable' ? layout.files : null
  const files = data === null ? [] : await readContent(hub, { repository, revision, files: data, signal })
  const checks = contentChecks({ recipe, repository, layout, files })
  const content: DataContent = contentOf({ recipe, layout, files })
  // An image of the recipe may have another AutoTrain.
  return { checks: recipe.image === null ? checks : checks.map(onlyWarned), content }
}

/** How AutoTrain reads a dataset, by its listing and its card alone. */
export function layoutOf(question: Question): Layout {
  return imageTask.test(question.recipe.task) ? imageLayout(question) : tableLayout(question)
}
