import { actChecks } from './act/examples.ts'
import { autotrainChecks } from './autotrain/cases.ts'
import { paramChecks } from './autotrain/params.ts'
import { clientChecks } from './hub/clients.ts'
import type { Check } from './lane.ts'
import { linterChecks } from './workflows/linters.ts'

/** Everything that the lane holds against software of others: the quick ones first. */
export const checks: readonly Check[] = [
  ...linterChecks,
  ...clientChecks,
  ...actChecks,
  ...paramChecks,
  ...autotrainChecks,
]
