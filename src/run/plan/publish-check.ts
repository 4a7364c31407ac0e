import { messageOf } from '../../domain/error-message.ts'
import type { Check, Finding } from '../../domain/plan/checks.ts'
import { formatBytes } from '../../domain/text/format.ts'
import { readAccount } from '../../hub/account.ts'
import { listModelVersion } from '../../hub/models/publish/version.ts'
import { checkModelWrite } from '../../hub/models/publish/write-access.ts'
import { mayCreateModel } from '../../hub/rights.ts'
import { newestPublished } from '../../ledger/publications/publication-log.ts'
import { lookAtModel, type PublishedModel } from '../../publish/look.ts'
import { isPublished } from '../../publish/published-files.ts'
import { obstacleTo } from '../publish/situation.ts'
import type { Work } from '../work.ts'

/**
 * Checks whether a success could be published: that hf-token may write the stable model, and what would hold it. Neither
 * stops a training, whose model a person can publish later, but a token that certainly may not write.
 *
 * @param target as {@link lookAtStable} found it
 */
export async function publishChecks(work: Work, target: PublishedModel | null | Error): Promise<Check[]> {
  const { recipe, known } = work
  const { publishTo } = recipe
  if (publishTo === null) return []
  if (target !== null && !(target instanceof Error)) {
    if (work.facts.publication !== null) {
      work.facts.publication = { ...work.facts.publication, visibility: target.visibility }
    }
  }
  const rights = { id: 'publish-to', title: `hf-token may write ${publishTo}` }
  const [right, hold, copy] = await Promise.all([
    mayWrite(work, { publishTo, target }),
    known.ledger === null || target instanceof Error ? null : wouldHold(work, { publishTo, target }),
    copied(work),
  ])
  return [
    toCheck(rights, right),
    ...(hold === null
      ? []
      : [toCheck({ id: 'publish-hold', title: 'A better model can be published' }, hold)]),
    ...(copy === null
      ? []
      : [toCheck({ id: 'publish-copy', title: 'The Hub can copy the files itself' }, copy)]),
  ]
}

function toCheck(check: Pick<Check, 'id' | 'title'>, finding: Finding): Check {
  const { found, verdict = 'passed', advice = null } = finding
  return { ...check, found, verdict, advice }
}

/**
 * Looks at `publish-to` for the plan, once for all its questions.
 *
 * @param model `publish-to`
 * @returns null: there is no such model that hf-token may see; an error where the Hub gave no clear answer
 */
export async function lookAtStable({ tools }: Work, model: string): Promise<PublishedModel | null | Error> {
  try {
    return await lookAtModel(tools.hub, { model, signal: tools.signal })
  } catch (error) {
    tools.signal.throwIfAborted()
    return new Error(messageOf(error))
  }
}

/** A repository that exists is asked about; for a new one the account says whether it may be made. */
async function mayWrite(
  { tools }: Work,
  { publishTo, target }: { publishTo: string; target: PublishedModel | null | Error },
): Promise<Finding> {
  const { hub, signal } = tools
  if (target instanceof Error) return { found: `not known: ${target.message}`, verdict: 'unknown' }
  try {
    if (target !== null) {
      const may = await checkModelWrite(hub, { model: publishTo, signal })
      return may === 'no' ? noWrite(publishTo) : { found: may === 'yes' ? 'yes' : 'not known' }
    }
    const [namespace = ''] = publishTo.split('/')
    const right = mayCreateModel(await readAccount(hub, signal), namespace)
    if (right.is === 'yes') return { found: `it will be made, private: ${right.why}` }
    if (right.is === 'unknown') return { found: right.why, verdict: 'unknown' }
    return { found: right.why, verdict: 'refused', advice: `publish-to: ${right.why}: ${right.advice}.` }
  } catch (error) {
    signal.throwIfAborted()
    return { found: `not known: ${messageOf(error)}`, verdict: 'unknown' }
  }
}

function noWrite(model: string): Finding {
  return {
    found: 'no',
    verdict: 'refused',
    advice:
      `publish-to: hf-token may not write ${model}: give it write access there. A contributor token may write only what ` +
      'the same token made.',
  }
}

/** What would hold every publication now, whatever a run measures. */
async function wouldHold(
  work: Work,
  { publishTo, target }: { publishTo: string; target: PublishedModel | null },
): Promise<Finding> {
  try {
    const obstacle = await obstacleTo(work, { to: publishTo, target, revision: work.facts.revision ?? '' })
    if (obstacle === null) return { found: 'yes' }
    return {
      found: 'it would be held',
      verdict: 'warned',
      advice: `publish-to: a better model would be held and not published. ${obstacle}`,
    }
  } catch (error) {
    work.tools.signal.throwIfAborted()
    return { found: `not known: ${messageOf(error)}`, verdict: 'unknown' }
  }
}

/** The files of the run that is published now say how the next one's are likely to be stored. */
async function copied({ recipe, known, tools }: Work): Promise<Finding | null> {
  const log = known.ledger === null ? null : await known.ledger.publications.read()
  const from = log === null ? null : (newestPublished(log, recipe.publishTo ?? '')?.begun.from ?? null)
  if (from === null || from.commit === null) return null
  const { hub, signal } = tools
  try {
    const files = await listModelVersion(hub, { model: from.model, revision: from.commit, signal })
    const includesCode = recipe.publishCode
    const streamed = files.filter(
      ({ path, isLfs, xetHash }) => isLfs && xetHash === null && isPublished(path, { includesCode }),
    )
    if (streamed.length === 0) return { found: 'yes, as with the last one' }
    const bytes = streamed.reduce((sum, file) => sum + file.bytes, 0)
    return {
      found: `not with the last one: ${formatBytes(bytes)} went through the runner, because its files have no Xet hash`,
    }
  } catch {
    signal.throwIfAborted()
    return null
  }
}
