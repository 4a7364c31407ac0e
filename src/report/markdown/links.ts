import { shortRevision } from '../../domain/revision.ts'
import type { Visibility } from '../../domain/visibility.ts'
import { code, link } from './markdown.ts'

/** How reports refer to a dataset that they must not name. */
export function unnamedDataset(visibility: Visibility): string {
  return visibility === 'private' ? 'a private dataset' : 'a dataset that may be private'
}

/** How reports refer to a model that they must not name. */
export function unnamedModel(visibility: Visibility): string {
  return visibility === 'private' ? 'a private model' : 'a model that may be private'
}

/** Links a dataset to its page. */
export function datasetLink(hubUrl: string, dataset: string): string {
  return link(code(dataset), `${hubUrl}/datasets/${dataset}`)
}

/** Links a commit of a dataset to its diff. */
export function commitLink(hubUrl: string, dataset: string, revision: string): string {
  return link(code(shortRevision(revision)), `${hubUrl}/datasets/${dataset}/commit/${revision}`)
}

/** Links a model to its page. */
export function modelLink(hubUrl: string, model: string): string {
  return link(code(model), `${hubUrl}/${model}`)
}
