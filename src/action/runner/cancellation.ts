/**
 * The runner cancels a step by SIGINT and, 7.5 s later, SIGTERM; Node would end at once without a handler.
 * https://github.com/actions/runner/blob/main/src/Runner.Sdk/ProcessInvoker.cs
 *
 * @param process the process whose signals are listened to
 * @returns a signal that is aborted by the first of them
 */
export function abortOnSignals(process: NodeJS.Process): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error('The workflow was cancelled.'))
  process.on('SIGINT', abort)
  process.on('SIGTERM', abort)
  return controller.signal
}
