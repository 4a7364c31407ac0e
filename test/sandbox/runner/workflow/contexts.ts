import { createHash } from 'node:crypto'
import type { Setup } from '../job/setup.ts'
import type { RunResult } from '../step/results.ts'
import type { Trigger } from './triggers.ts'
import type { Workflow } from './workflow.ts'

/** One attempt of a run, as its jobs see it. */
export interface RunFacts {
  result: RunResult
  workflow: Workflow
  trigger: Trigger
}

// What of the `github` context reaches a step's environment.
// https://github.com/actions/runner/blob/main/src/Runner.Worker/GitHubContext.cs
const shownAsVariables = [
  'action',
  'action_path',
  'action_ref',
  'action_repository',
  'actor',
  'actor_id',
  'api_url',
  'base_ref',
  'env',
  'event_name',
  'event_path',
  'graphql_url',
  'head_ref',
  'job',
  'output',
  'path',
  'ref',
  'ref_name',
  'ref_protected',
  'ref_type',
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  'retention_days',
  'run_attempt',
  'run_id',
  'run_number',
  'server_url',
  'sha',
  'state',
  'step_summary',
  'triggering_actor',
  'workflow',
  'workflow_ref',
  'workflow_sha',
  'workspace',
]

/**
 * The `github` context of a run; a job adds its token, its folders and its id.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
 */
export function githubContext(setup: Setup, facts: RunFacts): Record<string, unknown> {
  const { github, repository, actor } = setup
  const { result, workflow, trigger } = facts
  const ref = `refs/heads/${repository.defaultBranch}`
  return {
    actor,
    actor_id: idOf(actor),
    api_url: github.url,
    base_ref: '',
    event: trigger.event,
    event_name: trigger.name,
    graphql_url: `${github.url}/graphql`,
    head_ref: '',
    ref,
    ref_name: repository.defaultBranch,
    ref_protected: false,
    ref_type: 'branch',
    repository: repository.name,
    repository_id: String(repository.id),
    repository_owner: ownerOf(repository.name),
    repository_owner_id: idOf(ownerOf(repository.name)),
    repositoryUrl: `git://github.com/${repository.name}.git`,
    retention_days: '90',
    run_attempt: String(result.attempt),
    run_id: String(result.id),
    run_number: String(result.number),
    secret_source: 'Actions',
    server_url: github.url,
    sha: repository.headSha,
    triggering_actor: actor,
    workflow: workflow.name,
    workflow_ref: `${repository.name}/${workflow.path}@${ref}`,
    workflow_sha: repository.headSha,
  }
}

/** The owner of `owner/name`. */
export function ownerOf(repository: string): string {
  return repository.split('/')[0] ?? ''
}

function idOf(login: string): string {
  return String(createHash('sha1').update(login).digest().readUInt32BE(0))
}

/** The `GITHUB_*` variables of a `github` context. */
export function githubVariables(context: Record<string, unknown>): Record<string, string> {
  const shown = shownAsVariables.flatMap((name) => {
    const value = context[name]
    return typeof value === 'string' || typeof value === 'boolean'
      ? [[`GITHUB_${name.toUpperCase()}`, String(value)]]
      : []
  })
  return Object.fromEntries(shown)
}

/**
 * The `runner` context.
 *
 * @param folders of the machine
 * @param debug adds `debug: '1'`
 */
export function runnerContext(
  folders: { temp: string; tools: string; parent: string },
  debug: boolean,
): Record<string, string> {
  return {
    arch: process.arch === 'arm64' ? 'ARM64' : 'X64',
    environment: 'github-hosted',
    name: 'GitHub Actions 1',
    os: 'Linux',
    temp: folders.temp,
    tool_cache: folders.tools,
    workspace: folders.parent,
    ...(debug ? { debug: '1' } : {}),
  }
}

/** The `RUNNER_*` variables of a `runner` context. */
export function runnerVariables(context: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(context).map(([name, value]) => [`RUNNER_${name.toUpperCase()}`, value]),
  )
}
