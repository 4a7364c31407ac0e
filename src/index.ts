import { run } from './action/main.ts'
import { runPost } from './action/post.ts'
import { abortOnSignals } from './action/runner/cancellation.ts'
import { isPost } from './action/runner/command-files/state.ts'

await (isPost() ? runPost() : run({ signal: abortOnSignals(process) }))
// Connections that are kept open would delay the end of the step.
process.exit()
