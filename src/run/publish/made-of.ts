import { Refused } from '../../domain/verdict.ts'
import { findDataset } from '../../hub/datasets.ts'
import { findModel } from '../../hub/models/models.ts'
import type { Work } from '../work.ts'
import type { MadeOf } from './judge.ts'

const notKnown: MadeOf = { visibility: 'unknown', isGated: null }

/**
 * Asks who can read the dataset and the base model now: they may have become private since the training. The revision may
 * be gone after a squash, so it is the dataset that counts, if it is the one that was trained on.
 *
 * @param options.revision the dataset's commit that the run was trained on
 * @returns unknown for what is gone or hidden, and for another dataset that has the name now
 * @throws UnreadableRecord, HttpError or NoAnswerError when the Hub or the ledger gives no clear answer
 */
export async function madeOf(
  work: Pick<Work, 'recipe' | 'tools' | 'known'>,
  { revision }: { revision: string },
): Promise<{ dataset: MadeOf; base: MadeOf }> {
  const { recipe, tools } = work
  const { hub, signal } = tools
  const { inputModel: model } = recipe
  const [dataset, base] = await Promise.all([datasetNow(work, revision), findModel(hub, { model, signal })])
  return { dataset, base: base ?? (model.includes('/') ? notKnown : canonical) }
}

/** A name without namespace is a canonical model, or an algorithm for tables: both are for everyone. */
const canonical: MadeOf = { visibility: 'public', isGated: false }

async function datasetNow(
  { recipe, tools, known }: Pick<Work, 'recipe' | 'tools' | 'known'>,
  revision: string,
): Promise<MadeOf> {
  const { hub, signal } = tools
  const { inputDataset: dataset } = recipe
  const id = await trainedDataset(known, revision)
  // Without its id, only the revision proves that it is the same dataset.
  const at = id === null ? { revision } : {}
  const now = await findDataset(hub, { dataset, ...at, signal }).catch(nullIfHidden)
  return now === null || (id !== null && now.id !== id) ? notKnown : now
}

/** The Hub's id of the dataset that a revision belongs to, as its training recorded it; null: it is not known. */
async function trainedDataset({ ledger }: Work['known'], revision: string): Promise<string | null> {
  const attempts = (await ledger?.attempts(revision)) ?? []
  return attempts.map(({ record }) => record.dataset?.id ?? null).find((id) => id !== null) ?? null
}

function nullIfHidden(error: unknown): null {
  if (error instanceof Refused) return null
  throw error
}
