import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token'
import type { Permissions } from '../../github/github-repositories.ts'
import { evaluate } from './expressions.ts'

// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
const names = [
  'actions',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'issues',
  'packages',
  'pages',
  'pull-requests',
  'security-events',
  'statuses',
]

/**
 * What a job's `GITHUB_TOKEN` may do: its own `permissions`, else the workflow's, else the restricted default of
 * a repository (contents and packages to read). What a mapping does not name is refused.
 *
 * @param job the job's `permissions`
 * @param workflow the workflow's `permissions`
 */
export function tokenPermissions(
  job: TemplateToken | undefined,
  workflow: TemplateToken | undefined,
): Permissions {
  const given = evaluate(job ?? workflow, { contexts: {} })
  if (given === undefined) return { contents: 'read', packages: 'read', metadata: 'read' }
  if (given === 'read-all' || given === 'write-all') {
    const access = given === 'read-all' ? 'read' : 'write'
    return { ...Object.fromEntries(names.map((name) => [name, access] as const)), metadata: 'read' }
  }
  return { ...(given as Permissions | null), metadata: 'read' }
}
