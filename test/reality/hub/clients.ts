import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { names } from '../../sandbox/world.ts'
import type { Check } from '../lane.ts'
import { mustRun, runCommand } from '../tools/command.ts'
import { asArguments, compareRequests, newestJobRequest, startOurs } from './job-request.ts'
import { ownScript } from './own-script.ts'
import { scheduledRelay } from './scheduled-relay.ts'
import { onClientStage } from './stage.ts'
import { uvChecks } from './uv-jobs.ts'

const script = fileURLToPath(new URL('client.py', import.meta.url))

const python: Check = {
  name: 'hf: huggingface_hub against the sandbox Hub',
  group: 'hf',
  needs: ['python'],
  answers: {
    whoami: { name: names.user, orgs: [names.org] },
    create: 'acme/model',
    'create again': 'acme/model',
    upload: {
      'is head': true,
      private: true,
      files: ['.gitattributes', 'README.md', 'config.json', 'model.safetensors'],
      'weights are LFS': true,
      size: 16_384,
      license: 'mit',
    },
    'a card with a wrong dataset': /^Invalid metadata in README\.md\.\n- "datasets\[0\]" with value "\/data"/,
    download: { 'weights are the same': true, card: '# A model' },
    commits: ['End of training', 'initial commit'],
    refs: { tags: ['v1'], branches: ['main', 'next'] },
    'pull request': { number: 1, 'is new': true },
    'files after the merge': ['.gitattributes', 'README.md', 'model.safetensors', 'notes.txt'],
    tree: 16_384,
    paths: ['notes.txt'],
    refusals: {
      'no such model': 'RepositoryNotFoundError',
      'no such file': /^(?:Remote)?EntryNotFoundError$/,
      'no such revision': 'RevisionNotFoundError',
      'a wrong token': /^HfHubHTTPError$|Error$/,
      'a token that only reads': 'HfHubHTTPError',
      'the same name': 'HfHubHTTPError',
    },
    dataset: { files: 11, private: false },
    discussion: { status: 'closed', comments: ['It began.', 'It ended.'] },
    webhook: { listed: 1, domains: ['repo'], watches: names.dataset, disabled: true },
    job: {
      stage: 'COMPLETED',
      log: ['train', 'said hello', 'secret is there'],
      'found by its label': true,
      flavor: 'cpu-basic',
    },
    'cancelled job': 'CANCELED',
    'hardware has a price': true,
    'after its deletion': 'RepositoryNotFoundError',
  },
  async observe(tools) {
    const found = await tools.python('huggingface_hub')
    const seen = await onClientStage(async ({ folder, environment }) => {
      const { stdout } = await mustRun(found.program('python'), [script, folder], {
        cwd: folder,
        env: environment,
        timeoutMs: 120_000,
      })
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}')
    })
    return { seen, against: await found.versions('huggingface-hub', 'hf-xet') }
  },
}

const program: Check = {
  name: 'hf: the hf command, and the request for a Job',
  group: 'hf',
  needs: ['python'],
  answers: {
    'auth whoami': /ada/,
    upload: 0,
    download: 0,
    'jobs run': 0,
    // The action never lets the Hub repeat a Job behind the ledger's back, and says that the dataset is mounted read-only,
    // which a dataset always is. `hf` sends an empty list of arguments.
    differences: ['arguments', 'attempts', 'volumes.0.readOnly'],
  },
  async observe(tools) {
    const found = await tools.python('huggingface_hub')
    const seen = await onClientStage(async ({ hub, folder, environment }) => {
      const hf = (...args: string[]) =>
        runCommand(found.program('hf'), args, { cwd: folder, env: environment, timeoutMs: 60_000 })
      mkdirSync(join(folder, 'model'))
      writeFileSync(join(folder, 'model/README.md'), '---\nlicense: mit\n---\n# A model\n')
      writeFileSync(join(folder, 'model/model.safetensors'), Buffer.alloc(2000, 7))
      const who = await hf('auth', 'whoami')
      // As a person copies a model by hand.
      const upload = await hf('upload', 'acme/digits-best', 'model', '--commit-message', 'From a run')
      const download = await hf('download', 'acme/digits-best', '--local-dir', 'copy')
      const ours = await startOurs(hub)
      const run = await hf(...asArguments(ours))
      const theirs = newestJobRequest(hub)
      return {
        'auth whoami': who.output.trim(),
        upload: upload.code,
        download: download.code,
        'jobs run': run.code,
        differences: compareRequests(ours, theirs),
        log: [who, upload, download, run]
          .map(({ output }) => output)
          .concat(JSON.stringify({ ours, theirs }, null, 2))
          .join('\n'),
      }
    })
    return { seen, against: await found.versions('huggingface-hub'), log: seen.log }
  },
}

/** The Hub's own clients. */
export const clientChecks: readonly Check[] = [python, program, scheduledRelay, ...uvChecks, ownScript]
