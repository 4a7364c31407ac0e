import type { PlannedOrder } from '../../domain/training.ts'
import type { Hub } from '../../hub/hub.ts'
import { imageLayout } from './layout/image-layout.ts'
import type { Layout, Validation } from './layout/layout.ts'
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
}

/**
 * Finds out from the listing and the card how AutoTrain reads a dataset. A folder is the only way to train on a chosen
 * revision, because AutoTrain always reads the newest commit from the Hub. AutoTrain itself reads folders of images by
 * class and tables named like the split, if they follow its rules. It leaves everything else to `load_dataset`, which
 * reads a folder just as it reads the Hub.
 * https://github.com/huggingface/autotrain-advanced/blob/main/src/autotrain/project.py
 * https://huggingface.co/docs/datasets/loading#local-and-remote-files
 *
 * What takes a look into the files (columns, labels, counts) is not checked.
 *
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function findDataSource(
  hub: Hub,
  { recipe, revision }: PlannedOrder,
  signal: AbortSignal,
): Promise<DataSource> {
  const dataset = recipe.inputDataset
  const repository = await readRepository(hub, { dataset, revision, signal })
  const question = { repository, recipe }
  return toSource(imageTask.test(recipe.task) ? imageLayout(question) : tableLayout(question), dataset)
}

function toSource(layout: Layout, dataset: string): DataSource {
  if (layout.kind === 'failing') {
    const why = 'AutoTrain cannot read it'
    return { isPinned: false, path: dataset, why, validation: 'none', notes: [], problem: layout.reason }
  }
  const { whyNotMounted: why, validation, notes } = layout
  const facts = { validation, notes, problem: null }
  if (why === null) return { ...facts, isPinned: true, path: mountPath }
  return { ...facts, isPinned: false, path: dataset, why }
}
