import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { environmentOfJob, type Jobs, jobsIn } from './jobs.ts'

/** The parts of a Kubernetes Job that the stand-in goes by. */
interface Manifest {
  kind: string
  metadata: { name: string }
  spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } }
}

/** What `kubectl get -o` prints: the kind, and the types of the conditions that hold. */
const conditions = 'jsonpath={.kind} {.status.conditions[?(@.status=="True")].type}'

/**
 * Runs one call of kubectl. A Job's container runs the file `train.sh` of the cluster's folder, with the variables of the
 * manifest and a token of the cluster's own.
 *
 * @returns the exit code
 * @throws Error for a call that docs/operations.md does not make
 */
export async function kubectl(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      'dry-run': { type: 'string' },
      output: { type: 'string', short: 'o' },
      filename: { type: 'string', short: 'f' },
      follow: { type: 'boolean' },
      'ignore-not-found': { type: 'boolean' },
      'pod-running-timeout': { type: 'string' },
      wait: { type: 'string' },
    },
    allowPositionals: true,
  })
  const jobs = jobsIn(env)
  const [verb, first = '', second = ''] = positionals
  const name = second === '' ? first.replace('job/', '') : second
  if (verb === 'create') return create(jobs, env, { dryRun: values['dry-run'], file: values.filename ?? '' })
  if (verb === 'logs') {
    await jobs.ended(name)
    process.stdout.write(readFileSync(jobs.file(name, 'log'), 'utf8'))
    return 0
  }
  if (verb === 'get' && values.output === conditions) {
    if (existsSync(jobs.file(name, 'deleted'))) return 0
    const code = jobs.code(name)
    process.stdout.write(`Job ${code === null ? '' : code === 0 ? 'Complete' : 'FailureTarget Failed'}`)
    return 0
  }
  if (verb === 'delete') {
    jobs.cancel(name)
    writeFileSync(jobs.file(name, 'deleted'), '')
    return 0
  }
  throw new Error(`The stand-in does not know this call: kubectl ${args.join(' ')}`)
}

function create(
  jobs: Jobs,
  env: NodeJS.ProcessEnv,
  { dryRun, file }: { dryRun: string | undefined; file: string },
): number {
  const manifest: Manifest = parse(readFileSync(file === '-' ? 0 : file, 'utf8'))
  if (dryRun === 'client') {
    console.log(JSON.stringify(manifest))
    return 0
  }
  const { name } = manifest.metadata
  const [container] = manifest.spec.template.spec.containers
  const given = Object.fromEntries((container?.env ?? []).map(({ name: key, value }) => [key, value]))
  jobs.start({
    name,
    script: join(env.CLUSTER ?? '', 'train.sh'),
    log: jobs.file(name, 'log'),
    environment: environmentOfJob(env, given),
  })
  console.log(`job.batch/${name} created`)
  return 0
}
