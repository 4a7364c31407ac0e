import { actChecks } from './act/examples.ts'
import { autotrainChecks } from './autotrain/cases.ts'
import { paramChecks } from './autotrain/params.ts'
import { clientChecks } from './hub/clients.ts'
import type { Check } from './lane.ts'
import { byPlainLfs } from './publish/by-plain-lfs.ts'
import { byXet } from './publish/by-xet.ts'
import { copies } from './publish/copies.ts'
import { linterChecks } from './workflows/linters.ts'

/** Everything that the lane holds against software of others: the quick ones first. */
export const checks: readonly Check[] = [
  ...linterChecks,
  ...clientChecks,
  copies,
  byXet,
  byPlainLfs,
  ...actChecks,
  ...paramChecks,
  ...autotrainChecks,
]
