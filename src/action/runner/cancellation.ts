/**
 * Turns the signals by which the runner cancels a step into an AbortSignal: SIGINT and, 7.5 s later, SIGTERM. Without a
 * handler Node would exit at once.
 * https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
 *
 * @returns aborted by the first of them
 */
export function abortOnSignals(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error('The workflow was cancelled.'))
  process.on('SIGINT', abort)
  process.on('SIGTERM', abort)
  return controller.signal
}
