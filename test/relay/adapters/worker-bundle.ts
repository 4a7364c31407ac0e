import { build } from 'esbuild'

/** What `wrangler deploy` would upload: the Worker in one file. */
export async function bundleWorker(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['src/relay/adapters/worker.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    write: false,
    logLevel: 'error',
    // The notices of licences are no code; wrangler uploads them too.
    legalComments: 'none',
  })
  return outputFiles[0]?.text ?? ''
}
