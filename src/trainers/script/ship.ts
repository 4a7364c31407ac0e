import { codeFolder, isShipped, type ShippedCode } from '../../domain/plan/code.ts'
import type { PlannedOrder } from '../../domain/plan/training-plan.ts'
import { shortRevision } from '../../domain/revision.ts'
import { NotStarted } from '../../domain/verdict.ts'
import { answerDetails } from '../../http/answers/refusal-text.ts'
import { HttpError } from '../../http/errors.ts'
import type { Hub } from '../../hub/hub.ts'
import type { JobSpec } from '../../hub/jobs/jobs.ts'
import { commitCode, isCodeCommitted, OtherContent } from '../../hub/models/code-commit.ts'
import { modelOf } from '../run-environment.ts'
import { codePath } from './command.ts'

/** What identifies the code of an attempt: its order, as far as it is known before the claim. */
type CodeOrder = PlannedOrder & { readonly key: string; readonly project: string }

/** The beginning of the title of every commit of code: such a commit is no model. */
const titleStart = 'Training code: '

/** Whether a commit has code that was shipped, and nothing else. */
export function isCodeCommit(title: string): boolean {
  return title.startsWith(titleStart)
}

/**
 * Commits the code of a recipe to the repository of the run's model, which is made private where there is none. Repeated,
 * it finds its commit again.
 *
 * @param hub as the training token sees it: a token that may write only what it made must make the repository
 * @returns the volume that shows the code, and the commit's sha
 * @throws NotStarted when the code cannot be committed
 */
export async function shipCode(
  hub: Hub,
  { order, code, signal }: { order: CodeOrder; code: ShippedCode; signal: AbortSignal },
): Promise<{ volume: JobSpec['volumes'][number]; revision: string }> {
  const model = modelOf(order)
  try {
    const revision = await commitCode(hub, { ...commitOf(order, code), signal })
    const source = { type: 'model', name: model } as const
    return {
      volume: { source, mountPath: codePath, revision, path: codeFolder, readOnly: true },
      revision,
    }
  } catch (error) {
    signal.throwIfAborted()
    throw explain(error, model)
  }
}

/** Whether a model that exists was left with this code by an earlier attempt, which never trained it. */
export async function isCodeLeft(hub: Hub, order: CodeOrder, signal: AbortSignal): Promise<boolean> {
  const { code } = order.recipe
  if (!isShipped(code)) return false
  return isCodeCommitted(hub, { ...commitOf(order, code), signal })
}

function commitOf(order: CodeOrder, { script, digest, files }: ShippedCode) {
  const { revision, key } = order
  return {
    model: modelOf(order),
    folder: codeFolder,
    files: files.map(({ path, content }) => ({ path: `${codeFolder}/${path}`, content })),
    title: `${titleStart}${script} for ${shortRevision(revision)} (${key}, ${digest})`,
  }
}

function explain(error: unknown, model: string): unknown {
  if (error instanceof OtherContent) {
    return new NotStarted(
      `${error.message}: choose another autotrain-project-prefix, or delete that model.`,
      {
        cause: error,
      },
    )
  }
  const isRefusal = error instanceof HttpError && error.status >= 400 && error.status < 500 && !error.isLimit
  if (!isRefusal) return error
  return new NotStarted(
    `The code could not be committed to ${model} (the Hub answered ${error.status}${answerDetails(error)}): ` +
      'training-token, or hf-token without one, must be allowed to create and write models there.',
    { cause: error },
  )
}
