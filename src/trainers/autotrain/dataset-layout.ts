import type { Check } from '../../domain/checks.ts'
import type { TrainingOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import {
  contentChecks,
  contentOf,
  type DataContent,
  onlyWarned,
  unknownContent,
} from './content/checks/content-checks.ts'
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
  /** Why AutoTrain certainly fails with this dataset, as a sentence; null where that is not known. */
  readonly problem: string | null
  /** What was checked, from the listing, the card and the first bytes of files. */
  readonly checks: readonly Check[]
  /** Rows and classes, where what was read tells. */
  readonly content: DataContent
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
  problem: null,
  checks: [],
  content: unknownContent,
}

/**
 * Finds out from the listing and the card how AutoTrain reads a dataset. A folder is the only way to train on a chosen
 * revision, because AutoTrain always reads the newest commit from the Hub. AutoTrain itself reads folders of images by
 * class and tables named like the split, if they follow its rules. It leaves everything else to `load_dataset`, which
 * reads a folder just as it reads the Hub.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/project.py
 * https://huggingface.co/docs/datasets/loading#local-and-remote-files
 *
 * Then it looks into a few files: columns, classes and counts.
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function findDataSource(
  hub: Hub,
  { recipe, revision }: TrainingOrder,
  signal: AbortSignal,
): Promise<DataSource> {
  const dataset = recipe.inputDataset
  const repository = await readRepository(hub, { dataset, revision, signal })
  const question = { repository, recipe }
  const layout = layoutOf(question)
  const data = layout.kind === 'readable' ? layout.files : null
  const files = data === null ? [] : await readContent(hub, { repository, revision, files: data, signal })
  const checks = contentChecks({ recipe, repository, layout, files })
  const first = checks.find(({ verdict }) => verdict === 'refused')
  return toSource(layout, {
    dataset,
    problem: first?.advice ?? null,
    checks: recipe.image === null ? checks : checks.map(onlyWarned),
    content: contentOf({ recipe, layout, files }),
  })
}

/** How AutoTrain reads a dataset, by its listing and its card alone. */
export function layoutOf(question: Question): Layout {
  return imageTask.test(question.recipe.task) ? imageLayout(question) : tableLayout(question)
}

function toSource(
  layout: Layout,
  { dataset, ...found }: { dataset: string } & Pick<DataFacts, 'problem' | 'checks' | 'content'>,
): DataSource {
  if (layout.kind === 'failing') {
    const why = 'AutoTrain cannot read it'
    return { ...found, isPinned: false, path: dataset, why, validation: 'none', notes: [] }
  }
  const { whyNotMounted: why, validation, notes } = layout
  const facts = { ...found, validation, notes }
  if (why === null) return { ...facts, isPinned: true, path: mountPath }
  return { ...facts, isPinned: false, path: dataset, why }
}
