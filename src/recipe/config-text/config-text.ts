import { Refused } from '../../domain/verdict.ts'
import { jsonProblem, lineAndColumn } from './json-problem.ts'
import { yamlValue } from './yaml-value.ts'

/**
 * Reads the text of a config file: JSON where its name says so, else YAML. Byte-order marks before it are ignored.
 *
 * @param file.path for messages
 * @returns null for an empty file
 * @throws Refused with the line, the column and what to do
 */
export function readConfigText({ path, text }: { readonly path: string; readonly text: string }): unknown {
  const content = text.replace(/^\ufeff+/, '')
  if (content.trim() === '') return null
  return /\.json$/i.test(path) ? readJson(path, content) : readYaml(path, content)
}

function readJson(path: string, text: string): unknown {
  const problem = jsonProblem(text)
  if (problem !== null) {
    const { line, column } = lineAndColumn(text, problem.offset)
    throw new Refused(`${path} is not valid JSON at line ${line}, column ${column}: ${problem.problem}.`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Refused(`${path} is not valid JSON.`, { cause: error })
  }
}

function readYaml(path: string, text: string): unknown {
  const result = yamlValue(text)
  if (result.isValue) return result.value
  const { at, problem, cause } = result
  const place = at === null ? '' : ` at line ${at.line}, column ${at.column}`
  throw new Refused(`${path} is not valid YAML${place}: ${problem}.`, { cause })
}
