import { abortOnSignals } from './action/cancellation.ts'
import { run } from './action/main.ts'

await run({ signal: abortOnSignals(process) })
// Connections that are kept open must not hold the job.
process.exit()
