/**
 * Variables that the command must not see: the action's inputs (some are secret), its saved state, the runner's own
 * tokens, and the files with which a step sends commands to the runner.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
const ownPrefixes = ['INPUT_', 'STATE_', 'ACTIONS_']
const commandFiles = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY']

/**
 * Returns the environment of a command on the runner: the step's, without the action's own variables. It keeps
 * `RUNNER_TRACKING_ID`, with which the runner finds and kills leftover processes after the job.
 *
 * @param environment the step's
 * @param added replaces variables of the same name
 */
export function commandEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  added: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(environment).flatMap(([name, value]) => {
    const upper = name.toUpperCase()
    const isOwn = ownPrefixes.some((prefix) => upper.startsWith(prefix)) || commandFiles.includes(upper)
    return value === undefined || isOwn ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(kept), ...added }
}
