import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  convertWorkflowTemplate,
  isMapping,
  NoOperationTraceWriter,
  parseWorkflow,
} from '@actions/workflow-parser'
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token'
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token'
import { parse } from 'yaml'

/** A step as it is written. */
export interface WorkflowStep {
  /** Its `id`; made up, with `__` in front, without one. */
  id: string
  /** The condition, with `success() &&` in front where it names no status function. */
  condition: string
  token: MappingToken
}

/** A job as it is written. */
export interface WorkflowJob {
  id: string
  needs: string[]
  condition: string
  token: MappingToken
  steps: WorkflowStep[]
}

/** A workflow file that GitHub would accept. */
export interface Workflow {
  /** For example `.github/workflows/retrain.yml`. */
  path: string
  name: string
  root: MappingToken
  /** By name of the event, what stands below it in `on:`. */
  events: Record<string, unknown>
  jobs: WorkflowJob[]
}

/** A workflow file, usable or not. */
export interface WorkflowFile {
  path: string
  workflow?: Workflow
  /** Why not. */
  problems: string[]
}

const unsupported = ['strategy', 'container', 'services', 'snapshot', 'uses', 'continue-on-error']

/**
 * Reads the workflow files of a folder, and others that a test adds or puts in their place.
 *
 * @param options.folder with the files; undefined to read only `extra`
 * @param options.extra text by path or file name
 */
export async function readWorkflows(options: {
  folder: string | undefined
  extra: Record<string, string>
}): Promise<WorkflowFile[]> {
  const texts = new Map<string, string>()
  const { folder } = options
  if (folder !== undefined) {
    for (const name of workflowNames(folder)) texts.set(name, readFileSync(join(folder, name), 'utf8'))
  }
  for (const [path, text] of Object.entries(options.extra)) texts.set(path.split('/').at(-1) ?? path, text)
  return Promise.all([...texts].map(([name, text]) => readWorkflow(`.github/workflows/${name}`, text)))
}

function workflowNames(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/**
 * Reads one workflow file with GitHub's own parser.
 *
 * @param path where it would be in the repository
 * @param text YAML
 */
async function readWorkflow(path: string, text: string): Promise<WorkflowFile> {
  const { root, template, problems } = await parseText(path, text)
  if (root === undefined || problems.length > 0) return { path, problems }
  const jobTokens = mappingAt(root, 'jobs')
  const jobs = (template.jobs ?? []).map((job) => {
    const token = mappingAt(jobTokens, job.id.value)
    for (const key of unsupported) {
      if (token.find(key)) problems.push(`Job '${job.id.value}': the sandbox runner does not know '${key}'.`)
    }
    const steps = job.type === 'job' ? job.steps : []
    return {
      id: job.id.value,
      needs: (job.needs ?? []).map((need) => need.value),
      condition: job.if.expression,
      token,
      steps: steps.map((step, index) => ({
        id: step.id,
        condition: step.if?.expression ?? 'success()',
        token: stepToken(token, index),
      })),
    }
  })
  if (problems.length > 0) return { path, problems }
  const name = root.find('name')?.assertString('name').value ?? path
  return { path, problems, workflow: { path, name, root, events: template.events, jobs } }
}

async function parseText(path: string, text: string) {
  // The parser keeps the indentation and the quotes of a block or quoted text over several lines that holds an
  // expression (it works for editors). Written as JSON, every text is on one line, and comes out as it is meant.
  const content = asJson(text)
  const parsed = parseWorkflow({ name: path, content: content ?? text }, new NoOperationTraceWriter())
  const { value, context } = parsed
  const template = value === undefined ? undefined : await convertWorkflowTemplate(context, value)
  const problems = context.errors.getErrors().map((error) => error.message)
  const root = value !== undefined && isMapping(value) ? value : undefined
  if (root === undefined && problems.length === 0) problems.push('A workflow is a mapping.')
  return { root, template: template ?? { jobs: [], events: {} }, problems }
}

// Undefined for what is no workflow at all: the parser says so better.
function asJson(text: string): string | undefined {
  try {
    const workflow = parse(text) as unknown
    if (typeof workflow !== 'object' || workflow === null || !('on' in workflow)) return undefined
    return JSON.stringify({ ...workflow, on: eventsAsMapping(workflow.on) })
  } catch {
    return undefined
  }
}

// The parser's schema misspells repository_dispatch where events are a text or a list.
function eventsAsMapping(on: unknown): unknown {
  const names = [on].flat()
  const isPlain = names.includes('repository_dispatch') && names.every((name) => typeof name === 'string')
  return isPlain ? Object.fromEntries(names.map((name) => [name, null])) : on
}

/** The mapping at a key; an error where there is none. */
function mappingAt(parent: MappingToken, key: string): MappingToken {
  const token = parent.find(key)
  if (token === undefined) throw new Error(`The workflow has no '${key}'.`)
  return token.assertMapping(key)
}

/** The token at a path of keys; undefined where there is none. */
export function tokenAt(parent: TemplateToken | undefined, ...keys: string[]): TemplateToken | undefined {
  return keys.reduce<TemplateToken | undefined>(
    (token, key) => (token !== undefined && isMapping(token) ? token.find(key) : undefined),
    parent,
  )
}

function stepToken(job: MappingToken, index: number): MappingToken {
  const steps = job.find('steps')?.assertSequence('steps')
  if (steps === undefined) throw new Error('The job has no steps.')
  return steps.get(index).assertMapping('step')
}
