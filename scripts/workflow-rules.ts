import {
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml'

/** Something that has to be mended. */
export interface Finding {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

/** A workflow, or a part of one. */
export interface WorkflowSource {
  readonly file: string
  readonly text: string
  /** The line of the file on which the text begins, from 1. */
  readonly firstLine: number
  /** Whether it runs here, rather than being shown in a document. Only then are actions pinned. */
  readonly isRun: boolean
}

/** What this repository's own action takes and gives. */
export interface OwnAction {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

type Report = (node: Node, message: string, offset?: number) => void

/** Text that nobody from outside can choose. https://docs.github.com/en/actions/reference/workflows-and-actions/contexts */
const trustedRefs = [
  'github.sha',
  'github.ref',
  'github.ref_name',
  'github.repository',
  'github.event.repository.default_branch',
]

/**
 * The rules that keep a workflow from handing its secrets to somebody else, and examples true to action.yml.
 * https://docs.github.com/en/actions/reference/security/secure-use
 */
export function ruleFindings(source: WorkflowSource, own: OwnAction): Finding[] {
  const { file, text, firstLine, isRun } = source
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  const findings: Finding[] = []
  const report: Report = (node, message, offset = node.range?.[0] ?? 0) => {
    findings.push({ file, line: firstLine - 1 + lineCounter.linePos(offset).line, message })
  }
  const root = document.contents
  if (isMap(root) && root.has('jobs')) checkWorkflow(root, report)
  const ownSteps = new Set<string>()
  visit(document, {
    Map(_, map) {
      checkScripts(map, text, report)
      checkUses(map, { isRun, own, ownSteps, report })
    },
  })
  for (const match of text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)) {
    const [, step = '', output = ''] = match
    if (!ownSteps.has(step) || own.outputs.includes(output) || root === null) continue
    report(root, `The action has no output "${output}".`, match.index)
  }
  return findings
}

function checkWorkflow(root: YAMLMap, report: Report): void {
  const permissions = root.get('permissions', true)
  if (permissions === undefined) {
    report(
      root,
      'A workflow says at its top which permissions it needs: permissions: {} and more in the job.',
    )
  } else if (isScalar(permissions) && permissions.value === 'write-all') {
    report(permissions, 'permissions: write-all gives away more than any workflow needs.')
  }
  const on = root.get('on', true)
  if (on && 'range' in on && JSON.stringify(on.toJSON()).includes('"pull_request_target"')) {
    report(on as Node, 'pull_request_target runs with secrets on behalf of a stranger.')
  }
}

/** Values go into a script through `env`: in `${{ }}` they become part of its code. */
function checkScripts(map: YAMLMap, text: string, report: Report): void {
  const scripts = [scalar(map, 'run'), ...['script', 'command'].map((key) => scalar(inputsOf(map), key))]
  for (const script of scripts) {
    if (script === null || !String(script.value).includes('${{')) continue
    const at = text.indexOf('${{', script.range?.[0])
    report(
      script,
      'A script takes values from env, never from an expression, which would make them part of its code.',
      at,
    )
  }
}

function checkUses(
  map: YAMLMap,
  options: { isRun: boolean; own: OwnAction; ownSteps: Set<string>; report: Report },
): void {
  const { isRun, own, ownSteps, report } = options
  const uses = scalar(map, 'uses')
  if (uses === null) return
  const action = String(uses.value)
  if (isRun) checkPin(uses, report)
  if (action.startsWith('actions/checkout@')) checkCheckout(map, isRun, report)
  if (action !== './' && !/^[\w-]+\/auto-retrain@/.test(action)) return
  const id = scalar(map, 'id')
  if (id !== null) ownSteps.add(String(id.value))
  for (const { key } of inputsOf(map)?.items ?? []) {
    if (!isScalar(key) || own.inputs.includes(String(key.value))) continue
    report(key, `The action has no input "${key.value}".`)
  }
}

function checkPin(uses: Scalar, report: Report): void {
  const action = String(uses.value)
  if (action.startsWith('./')) return
  if (!/^[^@]+@(?:[0-9a-f]{40}|sha256:[0-9a-f]{64})$/.test(action)) {
    report(uses, `"${action}" is pinned to a full commit sha: a tag can be moved.`)
  } else if (!/^ v\d+(?:\.\d+)*$/.test(uses.comment ?? '')) {
    report(uses, `"${action}" has its version in a comment after it: # v1.2.3.`)
  }
}

function checkCheckout(step: YAMLMap, isRun: boolean, report: Report): void {
  const inputs = inputsOf(step)
  for (const key of ['ref', 'repository']) {
    const value = scalar(inputs, key)
    const expressions = String(value?.value ?? '').matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)
    if (value !== null && [...expressions].some(([, inside = '']) => !trustedRefs.includes(inside))) {
      report(
        value,
        `What is checked out is never chosen from outside: "${key}" may hold ${trustedRefs.join(', ')}.`,
      )
    }
  }
  if (isRun && scalar(inputs, 'persist-credentials')?.value !== false) {
    report(step, 'A checkout keeps no credentials: persist-credentials: false.')
  }
}

function inputsOf(step: YAMLMap): YAMLMap | null {
  const inputs = step.get('with', true)
  return isMap(inputs) ? inputs : null
}

function scalar(map: YAMLMap | null, key: string): Scalar | null {
  const value = map?.get(key, true)
  return isScalar(value) ? value : null
}
