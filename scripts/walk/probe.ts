// Preloaded into a program (`node --import`): answers each message of the parent process with the source files in
// which a function was called since the message before, and the lines of those functions. Importing a file does not
// count: all are imported before.
import { readFileSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector/promises'
import { relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { programFiles } from './program-files.ts'

const [program, ...imported] = programFiles(process.argv[1] ?? '').files
if (program === undefined || process.send === undefined) throw new Error('The probe needs a parent process.')
for (const file of imported) await import(pathToFileURL(file).href)

const session = new Session()
session.connect()
await session.post('Profiler.enable')
// https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#method-startPreciseCoverage
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
// Calls from before the start count until the first answer, which resets them.
await session.post('Profiler.takePreciseCoverage')

process.on('message', async () => {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  const walked = result
    .filter(({ url, functions }) => url.startsWith('file:') && functions.some(isCalled))
    .map(({ url, functions }) => {
      const path = fileURLToPath(url)
      const lines = calledLines(readFileSync(path, 'utf8'), functions)
      return { file: relative(process.cwd(), path), called: lines }
    })
  process.send?.(walked)
})

function isCalled({ ranges: [whole] }: Profiler.FunctionCoverage): boolean {
  return whole !== undefined && whole.count > 0
}

/** The numbers of the lines of called functions, without those of functions in them that were not called. */
function calledLines(source: string, functions: readonly Profiler.FunctionCoverage[]): number[] {
  const lineOf = (offset: number) => source.slice(0, offset).split('\n').length
  const lines = new Map<number, boolean>()
  // An outer function comes before those in it.
  for (const one of functions) {
    const [whole] = one.ranges
    if (whole === undefined) continue
    const [first, last] = [lineOf(whole.startOffset), lineOf(whole.endOffset)]
    const isInner = lines.get(first) === true
    for (let line = first; line <= last; line++) {
      // A call within a line belongs to the function that the line is in.
      if (isCalled(one) || (isInner && line !== first && line !== last)) lines.set(line, isCalled(one))
    }
  }
  return [...lines].filter(([, called]) => called).map(([line]) => line)
}
