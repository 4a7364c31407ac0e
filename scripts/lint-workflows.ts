// Lints action.yml, the workflows of .github/workflows and examples, and the YAML of every Markdown file.
// Usage: node --import ./test/node-setup.js scripts/lint-workflows.ts [FOLDER]
import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { validate } from '@actions/languageservice'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { parse } from 'yaml'
import { codeBlocks } from './markdown-blocks.ts'
import { type Finding, type OwnAction, ruleFindings, type WorkflowSource } from './workflow-rules.ts'

const root = process.argv[2] ?? '.'
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const find = (pattern: string) =>
  globSync(pattern, { cwd: root, exclude: (name) => ['node_modules', 'dist', 'lib'].includes(name) }).sort()

/** The findings of GitHub's own language service, which goes by the file name `as`: is this a workflow or an action? */
async function officialFindings(source: WorkflowSource, as: string): Promise<Finding[]> {
  const { file, text, firstLine } = source
  const found = await validate(TextDocument.create(`file:///${as}`, 'yaml', 1, text))
  return found.map(({ range, message }) => ({
    file,
    line: firstLine + range.start.line,
    message: typeof message === 'string' ? message : message.value,
  }))
}

function readOwnAction(): OwnAction {
  const action = existsSync(join(root, 'action.yml')) ? parse(read('action.yml')) : {}
  return { inputs: Object.keys(action?.inputs ?? {}), outputs: Object.keys(action?.outputs ?? {}) }
}

const own = readOwnAction()
const findings: Finding[] = []
let count = 0

for (const file of find('action.yml')) {
  count += 1
  findings.push(...(await officialFindings({ file, text: read(file), firstLine: 1, kind: 'file' }, file)))
}
for (const file of find('{.github/workflows,examples}/*.{yml,yaml}')) {
  count += 1
  const source: WorkflowSource = { file, text: read(file), firstLine: 1, kind: 'file' }
  const as = `.github/workflows/${basename(file)}`
  findings.push(...(await officialFindings(source, as)), ...ruleFindings(source, own))
}
for (const file of find('**/*.md')) {
  for (const { language, text, firstLine } of codeBlocks(read(file))) {
    if (language !== 'yaml' && language !== 'yml') continue
    count += 1
    const source: WorkflowSource = { file, text, firstLine, kind: 'snippet' }
    const isWorkflow = /^jobs:/m.test(text)
    if (isWorkflow) findings.push(...(await officialFindings(source, '.github/workflows/example.yml')))
    findings.push(...ruleFindings(source, own))
  }
}

for (const { file, line, message } of findings) console.error(`${file}:${line}: ${message}`)
console.log(`${count} workflows, actions and snippets: ${findings.length} findings.`)
if (findings.length > 0) process.exitCode = 1
