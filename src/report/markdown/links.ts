import { shortRevision } from '../../domain/revision.ts'
import { code, link } from './markdown.ts'

/** A dataset, as a link to its page. */
export function datasetLink(hubUrl: string, dataset: string): string {
  return link(code(dataset), `${hubUrl}/datasets/${dataset}`)
}

/** A commit of a dataset, as a link to what it changed. */
export function commitLink(hubUrl: string, dataset: string, revision: string): string {
  return link(code(shortRevision(revision)), `${hubUrl}/datasets/${dataset}/commit/${revision}`)
}

/** A model, as a link to its page. */
export function modelLink(hubUrl: string, model: string): string {
  return link(code(model), `${hubUrl}/${model}`)
}
