import { publishModel } from '../../../src/publish/publish-model.ts'
import { connect } from '../../hub/connect.ts'
import { sha256 } from '../../sandbox/hub/git/git-objects.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { names } from '../../sandbox/world.ts'
import { compareRequests } from '../hub/job-request.ts'
import { onClientStage } from '../hub/stage.ts'
import type { Check } from '../lane.ts'
import { mustRun } from '../tools/command.ts'
import { scriptPath } from './publications.ts'

const weights = Buffer.alloc(1000, 7)

/** Models that the Hub cannot copy, or not to everywhere. */
function addUncopyable(hub: SandboxHub): void {
  const files = { 'model.safetensors': weights }
  const stuck = hub.createModel({ name: 'acme/stuck', private: true, files })
  stuck.uncopyable.add(sha256(weights))
  const old = hub.createModel({ name: 'acme/old', private: true, files })
  old.withoutXet.add(sha256(weights))
  hub.createModel({ name: 'acme/far', private: true, region: 'eu' })
}

/** Publishes the model that the client pushed, as the action does. */
async function publishOurs(sandbox: SandboxHub): Promise<void> {
  const { hub } = connect(sandbox.url, names.hubToken)
  const commit = sandbox.repository('acme/run', 'model').refs.get('refs/heads/main') ?? ''
  await publishModel(
    hub,
    {
      from: { model: 'acme/run', commit },
      to: 'acme/ours',
      parent: null,
      title: 'Publish run (auto-retrain publication 1)',
      description: '',
      includesCode: false,
      card: () => '',
    },
    { log: () => undefined },
  )
}

/** The bodies of what was sent for a copy from acme/run to another model. */
function sentFor({ requests }: SandboxHub, target: string) {
  const copy = requests.find(
    ({ path, body }) =>
      path === '/api/models/acme/run/lfs-files/duplicate' && body?.includes(`"${target}"`) === true,
  )
  const commit = requests.find(({ path }) => path.startsWith(`/api/models/${target}/commit/main`))
  const asked: { files: { sha256: string }[] } = JSON.parse(copy?.body ?? '{"files":[]}')
  const lines: { key: string; value: { path?: string } }[] = (commit?.body ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
  const published = lines.filter(({ key, value }) => key !== 'header' && value.path !== '.gitattributes')
  return {
    copy: { ...asked, files: asked.files.toSorted((a, b) => a.sha256.localeCompare(b.sha256)) },
    commit: Object.fromEntries(published.map(({ key, value }) => [value.path, { key, ...value }])),
  }
}

/** The last part of each path, once. */
const lastParts = (paths: readonly string[]) => [
  ...new Set(paths.map((path) => path.split('.').at(-1) ?? '')),
]

/** The Hub's own client copies between repositories: it has to understand the sandbox, and to ask for what we ask for. */
export const copies: Check = {
  name: "publish: copy_files of the newest client, and the action's copy",
  group: 'publish',
  needs: ['python'],
  answers: {
    'the copy is the same': true,
    'a file that the Hub does not copy': {
      class: 'FileDuplicationError',
      last: /^ {2}- [0-9a-f]{64}: Internal error while duplicating the file$/,
    },
    'a file without a hash of Xet': { class: 'ValueError', first: /file has no xet hash/ },
    'another region': { class: /^(?:BadRequestError|HfHubHTTPError)$/, last: /same storage region/ },
    'a target that the token may not write': { class: /^(?:HfHubHTTPError|ForbiddenError)$/ },
    'what is left of them': ['.gitattributes'],
    'may write': 'none',
    'may only read': /^(?:HfHubHTTPError|ForbiddenError)$/,
    'a parent that is no longer the head': { class: 'HfHubHTTPError' },
    'a tag that is there': 'HfHubHTTPError',
    // The order of the files is left aside. We send the size of a copied file, too, which the Hub allows.
    differences: { 'in the request for the copy': ['name'], 'in the commit': ['size'] },
  },
  async observe(tools) {
    const found = await tools.python('huggingface_hub')
    const seen = await onClientStage(async ({ hub, folder, environment }) => {
      addUncopyable(hub)
      const { stdout } = await mustRun(found.program('python'), [scriptPath('copy_models.py'), folder], {
        cwd: folder,
        env: environment,
        timeoutMs: 120_000,
      })
      await publishOurs(hub)
      const [theirs, ours] = [sentFor(hub, 'acme/theirs'), sentFor(hub, 'acme/ours')]
      return {
        ...JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}'),
        differences: {
          'in the request for the copy': lastParts(compareRequests(ours.copy, theirs.copy)),
          'in the commit': lastParts(compareRequests(ours.commit, theirs.commit)),
        },
        log: JSON.stringify({ theirs, ours }, null, 2),
      }
    })
    return { seen, against: await found.versions('huggingface-hub', 'hf-xet'), log: seen.log }
  },
}
