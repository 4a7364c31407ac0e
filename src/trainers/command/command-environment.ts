/**
 * What the action alone is to have: its inputs (secrets among them), its notes for the end of the job, the runner's
 * own tokens, and the files by which a step speaks to the runner.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
const ownPrefixes = ['INPUT_', 'STATE_', 'ACTIONS_']
const commandFiles = ['GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY']

/**
 * The environment of a command on the runner: that of the step without what belongs to the action. What is left has
 * the mark by which the runner ends the processes of a job that has ended (`RUNNER_TRACKING_ID`).
 *
 * @param environment of the step
 * @param added wins over the environment
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
