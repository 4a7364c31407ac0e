import { decodeText } from '../../../domain/text/decode.ts'
import { formatBytes } from '../../../domain/text/format.ts'

/** The text of a script, or why there is none: the end of a sentence, without its full stop. */
export type ScriptText =
  | { readonly isText: true; readonly text: string }
  | { readonly isText: false; readonly problem: string }

/** The most bytes that a script may have. */
export const maxScriptBytes = 1_000_000

/**
 * Decodes the bytes of a script from the checkout: UTF-8, without a byte-order mark, not empty.
 *
 * @returns the text with line feeds as line ends where it had those of Windows
 */
export function readScriptText(bytes: Uint8Array): ScriptText {
  if (bytes.length > maxScriptBytes) {
    const most = formatBytes(maxScriptBytes)
    return wrong(`it has ${formatBytes(bytes.length)}, more than the ${most} that a script may have`)
  }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return wrong('the file begins with a byte-order mark, which hides its header: save it without')
  }
  const decoded = decodeText(bytes)
  if (!decoded.isText) return wrong(`it is ${decoded.found}: save it as UTF-8`)
  const { text } = decoded
  if (text.trim() === '') return wrong('it is empty')
  if (text.includes('\0')) return wrong('it has a null character, which Python refuses')
  if (text.startsWith('version https://git-lfs.github.com/spec/')) {
    return wrong(
      'it is a pointer of Git LFS: check the repository out with lfs: true, or keep the script out of LFS',
    )
  }
  if (isJson(text)) return wrong('it is JSON and no Python: a notebook must be exported as a script first')
  return { isText: true, text }
}

/**
 * Decodes what a URL answered, with 2xx, and makes sure that it is no page: uv runs a page as Python.
 *
 * @returns the text of the script
 */
export function readFetchedScript(bytes: Uint8Array): ScriptText {
  const read = readScriptText(bytes)
  if (!read.isText) return read
  const begin = read.text.slice(0, 2000).trimStart()
  if (begin.startsWith('<')) {
    return wrong('the answer is a web page and no Python: use the URL of the raw file, with the commit in it')
  }
  const lines = read.text.trim().split('\n', 2)
  const [only = ''] = lines
  // "404: Not Found" and the like. One line of Python calls, assigns, imports or says something.
  if (lines.length === 1 && /^(?:\d{3}\b|[\w .,'!-]*$)/.test(only) && !/^(?:import|from|pass\b)/.test(only)) {
    return wrong('the answer is a line of text and no Python: check the URL')
  }
  return read
}

function isJson(text: string): boolean {
  const begin = text.trimStart()
  if (!begin.startsWith('{') && !begin.startsWith('[')) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function wrong(problem: string): ScriptText {
  return { isText: false, problem }
}
