import { Refused } from '../../domain/verdict.ts'
import { findDataset } from '../../hub/datasets.ts'
import { findModel } from '../../hub/models/models.ts'
import type { Work } from '../work.ts'
import type { MadeOf } from './judge.ts'

const notKnown: MadeOf = { visibility: 'unknown', isGated: null }

/**
 * Asks who can read the dataset and the base model now: they may have become private since the training.
 *
 * @returns unknown for what is gone or hidden
 * @throws HttpError or NoAnswerError when the Hub gives no clear answer
 */
export async function madeOf(
  { recipe, tools }: Pick<Work, 'recipe' | 'tools'>,
  { revision }: { revision: string },
): Promise<{ dataset: MadeOf; base: MadeOf }> {
  const { hub, signal } = tools
  const { inputDataset: dataset, inputModel: model } = recipe
  const [data, base] = await Promise.all([
    findDataset(hub, { dataset, revision, signal }).catch(nullIfHidden),
    findModel(hub, { model, signal }),
  ])
  return { dataset: data ?? notKnown, base: base ?? (model.includes('/') ? notKnown : canonical) }
}

/** A name without namespace is a canonical model, or an algorithm for tables: both are for everyone. */
const canonical: MadeOf = { visibility: 'public', isGated: false }

function nullIfHidden(error: unknown): null {
  if (error instanceof Refused) return null
  throw error
}
