import { run } from './action/main.ts'
import { abortOnSignals } from './action/runner/cancellation.ts'

await run({ signal: abortOnSignals(process) })
// Connections that are kept open must not hold the job.
process.exit()
