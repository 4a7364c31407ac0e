import { parseArgs } from 'node:util'
import { TryError } from './try-error.ts'
import type { TryOptions } from './try-workflow.ts'

/** How `npm run try` is used. */
export const usage = `Usage: npm run try -- WORKFLOW.yml [options]
Runs a workflow file that uses this action against stand-ins for the Hub and GitHub, without an account or a network.

  --event NAME         workflow_dispatch, repository_dispatch or schedule (default: the first that it listens to)
  --input NAME=VALUE   an input of workflow_dispatch; may be repeated
  --var NAME=VALUE     a value of the vars context; may be repeated
  --data FOLDER        the files of the dataset, in place of made-up ones
  --action OWNER/NAME  your copy of this action, if it is not called auto-retrain
  --run-scripts        really run the workflow's scripts (run: and trainer: command) on this machine
  --help               show this text

Exit code: 0 if the run succeeded, 1 if it failed, 2 if it could not start.`

/**
 * Reads the command line.
 *
 * @returns null for --help
 * @throws TryError for arguments that are unknown or incomplete
 */
export function readArguments(
  args: readonly string[],
): Omit<TryOptions, 'folder' | 'onReady' | 'signal'> | null {
  const { values, positionals } = parse(args)
  if (values.help) return null
  const [path] = positionals
  if (path === undefined || positionals.length > 1) throw new TryError(`name one workflow file.\n\n${usage}`)
  return {
    path,
    inputs: pairs('--input', values.input),
    variables: pairs('--var', values.var),
    withScripts: values['run-scripts'] ?? false,
    ...(values.event !== undefined && { event: values.event }),
    ...(values.action !== undefined && { action: values.action }),
    ...(values.data !== undefined && { data: values.data }),
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        event: { type: 'string' },
        input: { type: 'string', multiple: true },
        var: { type: 'string', multiple: true },
        data: { type: 'string' },
        action: { type: 'string' },
        'run-scripts': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new TryError(`${(error as Error).message}\n\n${usage}`)
  }
}

function pairs(option: string, given: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new TryError(`${option} takes NAME=VALUE, not "${text}".`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
