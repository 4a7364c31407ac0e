import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type ConnectProxy, startConnectProxy } from '../http/proxy/connect-proxy.ts'
import { type HttpsFront, startHttpsFront } from '../http/proxy/https-front.ts'
import { sha256 } from '../sandbox/hub/git/git-objects.ts'
import { run, type Stage, startStage, weights } from './stage.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
let stage: Stage
let front: HttpsFront
let proxy: ConnectProxy

beforeEach(async () => {
  stage = await startStage()
  const { url, storage, state } = stage.sandbox
  front = await startHttpsFront({
    'hub.example': (path) => url + path,
    'storage.example': (path) => storage.url + path,
  })
  proxy = await startConnectProxy({ targetPort: front.port })
  state.address.storageUrl = 'https://storage.example'
})
afterEach(() => Promise.all([stage.sandbox.close(), front.close(), proxy.close()]))

test('A large file that goes through the runner takes the proxy both ways.', async () => {
  stage.sandbox.createModel({ name: 'acme/digits', private: true })
  const content = sha256(weights(1))
  const order = {
    url: 'https://hub.example',
    token: 'hf_ann_writes',
    file: {
      from: { model: run, commit: stage.head(run) },
      to: 'acme/digits',
      path: 'model.safetensors',
      content,
      bytes: 300_000,
    },
  }
  const program = [
    '--import',
    './test/node-setup.js',
    'test/publish/stream-program.ts',
    JSON.stringify(order),
  ]
  const { stdout } = await promisify(execFile)(process.execPath, program, {
    cwd: root,
    env: { PATH: process.env.PATH, HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: front.caFile },
  })
  expect(stdout).toBe('300000')
  expect(stage.sandbox.repository('acme/digits', 'model').lfs.has(content)).toBe(true)
  expect(new Set(proxy.connects)).toEqual(new Set(['hub.example:443', 'storage.example:443']))
})
