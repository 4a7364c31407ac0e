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

/** A problem in a workflow, and where it is. */
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
  /**
   * `file`: a whole workflow, to run or to copy. `snippet`: a block of a document, perhaps only a part of a workflow;
   * it needs no pinned actions, and may grant permissions at the top.
   */
  readonly kind: 'file' | 'snippet'
}

/** The inputs and outputs of this repository's own action. */
export interface OwnAction {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

type Report = (node: Node, message: string, offset?: number) => void

/** Values that no outsider can choose. https://docs.github.com/en/actions/reference/workflows-and-actions/contexts */
const trustedRefs = [
  'github.sha',
  'github.ref',
  'github.ref_name',
  'github.repository',
  'github.event.repository.default_branch',
]

/** How the examples name this repository's action: only the reader knows which commit they reviewed. */
const ownPlaceholder = 'OWNER/auto-retrain@FULL_COMMIT_SHA'

/**
 * Checks the rules that keep a workflow from leaking its secrets, and its use of our action against action.yml.
 * https://docs.github.com/en/actions/reference/security/secure-use
 *
 * @returns one finding for each broken rule; none for text that is not YAML, which the language service reports
 */
export function ruleFindings(source: WorkflowSource, own: OwnAction): Finding[] {
  const { file, text, firstLine, kind } = source
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter })
  const findings: Finding[] = []
  const report: Report = (node, message, offset = node.range?.[0] ?? 0) => {
    findings.push({ file, line: firstLine - 1 + lineCounter.linePos(offset).line, message })
  }
  const root = document.contents
  if (isMap(root) && root.has('jobs')) checkWorkflow(root, kind, report)
  const ownSteps = new Set<string>()
  visit(document, {
    Map(_, map) {
      checkPermissions(map, report)
      checkPublicNames(map, report)
      checkScripts(map, text, report)
      checkUses(map, { kind, own, ownSteps, report })
    },
  })
  for (const match of text.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)) {
    const [, step = '', output = ''] = match
    if (!ownSteps.has(step) || own.outputs.includes(output) || root === null) continue
    report(root, `The action has no output "${output}".`, match.index)
  }
  return findings
}

function checkWorkflow(root: YAMLMap, kind: WorkflowSource['kind'], report: Report): void {
  const permissions = root.get('permissions', true)
  const isEmpty = isMap(permissions) && permissions.items.length === 0
  if (permissions === undefined || (kind === 'file' && !isEmpty)) {
    const node = permissions !== undefined && 'range' in permissions ? (permissions as Node) : root
    report(node, 'A workflow starts with "permissions: {}"; each job then grants what it needs.')
  }
  const on = root.get('on', true)
  if (on && 'range' in on && JSON.stringify(on.toJSON()).includes('"pull_request_target"')) {
    report(on as Node, 'pull_request_target gives the secrets to the pull request of a stranger.')
  }
}

function checkPermissions(map: YAMLMap, report: Report): void {
  const permissions = scalar(map, 'permissions')
  if (permissions?.value === 'write-all') {
    report(permissions, '"permissions: write-all" grants more than any job needs: name the permissions.')
  }
}

/** Everyone who can read a run can read its name and its concurrency group; of a dispatch, only the id is no secret. */
function checkPublicNames(map: YAMLMap, report: Report): void {
  const concurrency = map.get('concurrency', true)
  const names = [
    scalar(map, 'run-name'),
    scalar(map, 'concurrency'),
    scalar(isMap(concurrency) ? concurrency : null, 'group'),
  ]
  for (const name of names) {
    if (name === null || !/client_payload(?!\.id\b)/.test(String(name.value))) continue
    report(
      name,
      'Run names and concurrency groups are public in a public repository: do not put the dataset into them. Of ' +
        'client_payload, only its id is allowed.',
    )
  }
}

/** Scripts get values through `env`: a `${{ }}` becomes part of their code. */
function checkScripts(map: YAMLMap, text: string, report: Report): void {
  const scripts = [scalar(map, 'run'), ...['script', 'command'].map((key) => scalar(inputsOf(map), key))]
  for (const script of scripts) {
    if (script === null || !String(script.value).includes('${{')) continue
    const at = text.indexOf('${{', script.range?.[0])
    report(script, 'An expression in a script becomes part of its code: pass the value through env.', at)
  }
}

function checkUses(
  map: YAMLMap,
  options: { kind: WorkflowSource['kind']; own: OwnAction; ownSteps: Set<string>; report: Report },
): void {
  const { kind, own, ownSteps, report } = options
  const uses = scalar(map, 'uses')
  if (uses === null) return
  const action = String(uses.value)
  if (kind === 'file') checkPin(uses, report)
  if (action.startsWith('actions/checkout@')) checkCheckout(map, kind, report)
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
  if (action.startsWith('./') || action === ownPlaceholder) return
  if (!/^[^@]+@(?:[0-9a-f]{40}|sha256:[0-9a-f]{64})$/.test(action)) {
    report(uses, `"${action}" is not pinned: use the full commit sha, since a tag can be moved.`)
  } else if (!/^ v\d+(?:\.\d+)*$/.test(uses.comment ?? '')) {
    report(uses, `"${action}" needs its version in a comment after it: # v1.2.3.`)
  }
}

function checkCheckout(step: YAMLMap, kind: WorkflowSource['kind'], report: Report): void {
  const inputs = inputsOf(step)
  for (const key of ['ref', 'repository']) {
    const value = scalar(inputs, key)
    const expressions = String(value?.value ?? '').matchAll(/\$\{\{\s*(.*?)\s*\}\}/g)
    if (value !== null && [...expressions].some(([, inside = '']) => !trustedRefs.includes(inside))) {
      report(
        value,
        `An outsider could choose what is checked out: in "${key}", only ${trustedRefs.join(', ')} are allowed.`,
      )
    }
  }
  if (kind === 'file' && scalar(inputs, 'persist-credentials')?.value !== false) {
    report(step, 'The checkout leaves its token on disk: set "persist-credentials: false".')
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
