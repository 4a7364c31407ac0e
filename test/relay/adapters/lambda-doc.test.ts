import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { codeBlocks } from '../../../scripts/markdown-blocks.ts'

const example = codeBlocks(readFileSync('docs/relay.md', 'utf8')).find(({ language }) => language === 'ts')
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'auto-retrain-lambda-'))
  await build({
    stdin: { contents: example?.text ?? '', resolveDir: process.cwd(), loader: 'ts' },
    outfile: join(folder, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
    logLevel: 'silent',
  })
  writeFileSync(
    join(folder, 'call.mjs'),
    `import { handler } from './index.mjs'
     const http = { method: process.argv[2], path: process.argv[3], sourceIp: '127.0.0.1', userAgent: '', protocol: '' }
     const event = { version: '2.0', rawPath: http.path, rawQueryString: '', headers: { host: 'relay.example' },
       requestContext: { http, domainName: 'relay.example' }, isBase64Encoded: false }
     process.stdout.write(String((await handler(event, {})).statusCode))`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The last line is the status: the relay may log before it. */
function call(method: string, path: string): string | undefined {
  const output = execFileSync(process.execPath, [join(folder, 'call.mjs'), method, path], {
    encoding: 'utf8',
    env: {
      WEBHOOK_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee03',
      GITHUB_TOKEN: 'github_pat_forTests0000000001',
      GITHUB_REPOSITORY: 'acme/retrain',
      INPUT_DATASET: 'acme/digits',
    },
  })
  return output.trim().split('\n').at(-1)
}

test.each([
  ['GET', '/healthz', '200'],
  ['POST', '/webhook', '401'],
])(
  'Bundled as docs/relay.md shows it, the relay on AWS Lambda answers %s %s with %s.',
  (method, path, status) => {
    expect(call(method, path)).toBe(status)
  },
)
