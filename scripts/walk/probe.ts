// Preloaded into a program (`node --import`): answers each message of the parent process with the source files in
// which a function was called since the message before. Importing a file does not count: all are imported before.
import { Session } from 'node:inspector/promises'
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
  const called = result.filter(
    ({ url, functions }) =>
      url.startsWith('file:') &&
      functions.some(({ ranges: [whole] }) => whole !== undefined && whole.count > 0),
  )
  process.send?.(called.map(({ url }) => relative(process.cwd(), fileURLToPath(url))))
})
