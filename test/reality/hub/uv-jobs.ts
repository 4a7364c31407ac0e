import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobsOptions } from '../../sandbox/hub/jobs/start-jobs.ts'
import type { SandboxHub } from '../../sandbox/hub/start.ts'
import { standInUv } from '../../sandbox/uv/stand-in.ts'
import { names } from '../../sandbox/world.ts'
import { findSeal } from '../autotrain/seal.ts'
import type { Check } from '../lane.ts'
import { CannotRun } from '../tools/cannot-run.ts'
import { mustRun, runCommand } from '../tools/command.ts'
import type { Tools } from '../tools/tools.ts'
import { newestJobRequest } from './job-request.ts'
import { onClientStage } from './stage.ts'

/** How uv finds its registry from here. A Job has none of this process's environment otherwise. */
const registry = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value = '']) =>
    /^(?:UV_(?:.*INDEX.*|.*CERT.*|NATIVE_TLS)|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR))$/i.test(name)
      ? [[name, value]]
      : [],
  ),
)

interface RealUv {
  jobs: JobsOptions
  image: string
  against: string
}

/** Jobs with the real uv and a Python of this machine; their mounts are truly read-only where that can be done. */
export async function realUv(tools: Tools): Promise<RealUv> {
  const { path, version } = await tools.uv()
  const { seal, description } = findSeal()
  const real = { autotrain: '/nowhere', environment: registry, seal }
  for (const python of ['3.12', '3.11', '3.13', '3.10']) {
    const found = await runCommand(path, ['python', 'find', '--no-project', python])
    if (found.code !== 0) continue
    const uvPythons = { [python]: found.stdout.trim() }
    return {
      jobs: { uvPath: path, uvCacheDir: join(tools.cache, 'uv-jobs'), uvPythons, real },
      image: `ghcr.io/astral-sh/uv:0.13.9-python${python}-trixie`,
      against: `${version} with Python ${python}, ${description}`,
    }
  }
  throw new CannotRun('there is no Python from 3.10 to 3.13 on this machine')
}

const header = (...lines: string[]) =>
  ['# /// script', ...lines.map((line) => `# ${line}`), '# ///', ''].join('\n')

const SCRIPT = `${header('dependencies = ["packaging==24.2"]')}
import pathlib, sys, packaging
print("packaging", packaging.__version__, "python", sys.version_info[:2])
print("config", pathlib.Path(sys.argv[2]).read_text())
pathlib.Path(__file__).with_name("result.txt").write_text("trained")
`

/** Methods and paths of what was asked for, without what differs from run to run. */
const asked = ({ requests }: SandboxHub) =>
  requests
    .map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`)
    .filter((line) => /buckets|agent|POST \/api\/jobs/.test(line))

const shipped: Check = {
  name: 'hf: hf jobs uv run with files of this machine',
  group: 'hf',
  needs: ['python'],
  answers: {
    'exit code': 0,
    requests: [
      'GET /api/agent-harnesses',
      'POST /api/buckets/acme/jobs-artifacts',
      'GET /api/buckets/acme/jobs-artifacts/xet-write-token',
      'POST /api/buckets/acme/jobs-artifacts/batch',
      'POST /api/jobs/acme',
    ],
    'the bucket is private': true,
    command: ['uv', 'run', '/data/train.py', '--config', '/data/cfg.yaml'],
    volume: {
      type: 'bucket',
      source: 'acme/jobs-artifacts',
      mountPath: '/data',
      readOnly: false,
      path: 'FOLDER',
    },
    stage: 'COMPLETED',
    log: /^Installed 1 package in [\d.]+m?s\npackaging 24\.2 python \(3, \d+\)\nconfig lr: 1$/,
    'files of the bucket': ['FOLDER/cfg.yaml', 'FOLDER/result.txt', 'FOLDER/train.py'],
  },
  async observe(tools) {
    const found = await tools.python('huggingface_hub')
    const { jobs, image, against } = await realUv(tools)
    const seen = await onClientStage(
      async ({ hub, folder, environment }) => {
        writeFileSync(join(folder, 'train.py'), SCRIPT)
        writeFileSync(join(folder, 'cfg.yaml'), 'lr: 1')
        const args = ['jobs', 'uv', 'run', '--detach', '--namespace', names.org, '--image', image]
        const ran = await runCommand(found.program('hf'), [...args, 'train.py', '--config', 'cfg.yaml'], {
          cwd: folder,
          env: environment,
          timeoutMs: 60_000,
        })
        await hub.jobs.settled()
        const [job] = hub.jobs.all
        const { command, volumes } = newestJobRequest(hub)
        const bucket = hub.state.buckets.find('acme/jobs-artifacts')
        const named = (text: string) => text.replace(/\d{8}T\d{6}-[0-9a-f]{6}/, 'FOLDER')
        const lines = job?.log.lines.map(({ data }) => data) ?? []
        return {
          'exit code': ran.code,
          requests: asked(hub),
          'the bucket is private': bucket?.private,
          command,
          volume: JSON.parse(named(JSON.stringify(volumes?.[0] ?? null))),
          stage: job?.stage,
          log: lines.slice(1).join('\n'),
          'files of the bucket': [...(bucket?.files.keys() ?? [])].map(named).toSorted(),
          output: [ran.output, ...lines, job?.message].join('\n'),
        }
      },
      { jobs },
    )
    return {
      seen,
      against: `${await found.versions('huggingface-hub', 'hf-xet')}, ${against}`,
      log: seen.output,
    }
  },
}

/** A lock that uv makes here, for a script that needs `packaging==24.2`. */
async function makeLock(uv: string, folder: string): Promise<string> {
  const file = join(folder, 'train.py')
  writeFileSync(file, script(ANY_PYTHON, 'dependencies = ["packaging==24.2"]').files['train.py'] ?? '')
  await mustRun(uv, ['lock', '--quiet', '--script', file])
  return readFileSync(`${file}.lock`, 'utf8')
}

const ANY_PYTHON = 'requires-python = ">=3.10"'

interface UvCase {
  files: Readonly<Record<string, string>>
  options?: readonly string[]
}

const script = (...lines: string[]): UvCase => ({
  files: { 'train.py': `${header(...lines)}# stand-in: sh\n` },
})

/** A script with the lock that was made, be it its own or not. */
const locked = (...lines: string[]): UvCase => ({
  files: { ...script(...lines).files, 'train.py.lock': 'LOCK' },
})

/** Scripts that are the same to Python and to sh, since they do nothing. */
const CASES: Readonly<Record<string, UvCase>> = {
  'no dependencies': script(),
  'one dependency': script('dependencies = ["packaging==24.2"]'),
  'a package that does not exist': script('dependencies = ["auto-retrain-that-does-not-exist"]'),
  contradiction: script('dependencies = ["packaging==24.2", "packaging<24"]'),
  'wrong TOML': script('dependencies = [packaging]'),
  'no list': script('dependencies = "packaging"'),
  'a wrong operator': script('dependencies = ["packaging=>2"]'),
  'a Python that is not there': script('requires-python = ">=3.14"'),
  'another Python': { ...script(), options: ['--python', '3.8'] },
  '--with': { ...script(), options: ['--with', 'packaging'] },
  'no lock': { ...script('dependencies = ["packaging"]'), options: ['--locked'] },
  'no header and --locked': { files: { 'train.py': '# stand-in: sh\n' }, options: ['--locked'] },
  'a fresh lock': { ...locked(ANY_PYTHON, 'dependencies = ["packaging==24.2"]'), options: ['--locked'] },
  'a stale lock': { ...locked(ANY_PYTHON, 'dependencies = ["packaging==24.1"]'), options: ['--locked'] },
  'a stale lock without --locked': locked(ANY_PYTHON, 'dependencies = ["packaging==24.1"]'),
  'a lock, and any Python': { ...locked('dependencies = ["packaging==24.1"]'), options: ['--locked'] },
  'two headers': { files: { 'train.py': `${header()}x = 1\n${header()}` } },
  'no end of the header': { files: { 'train.py': '# /// script\n# dependencies = []\nx = 1\n' } },
  'no script': { files: { 'other.py': '' } },
  'a wrong option': { ...script(), options: ['--bogus'] },
}

/** The exit and the first line of each case, without times. */
async function outcomes({
  image,
  lock,
  jobs,
}: {
  image: string
  lock: string
  jobs: JobsOptions
}): Promise<Record<string, string>> {
  return await onClientStage(
    async ({ hub }) => {
      hub.createModel({ name: 'acme/run', private: true })
      const found: Record<string, string> = {}
      for (const [name, { files, options = [] }] of Object.entries(CASES)) {
        const paths = Object.entries(files).map(([path, text]) => [
          `${name}/${path}`,
          text === 'LOCK' ? lock : text,
        ])
        const { sha } = hub.commit('acme/run', { type: 'model', files: Object.fromEntries(paths) })
        await fetch(`${hub.url}/api/jobs/acme`, {
          method: 'POST',
          headers: { authorization: `Bearer ${names.hubToken}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            flavor: 'cpu-basic',
            dockerImage: image,
            command: ['uv', 'run', ...options, '/code/train.py'],
            environment: { UV_PYTHON_DOWNLOADS: 'never' },
            volumes: [{ type: 'model', source: 'acme/run', revision: sha, path: name, mountPath: '/code' }],
          }),
        })
        await hub.jobs.settled()
        const job = hub.jobs.all.at(-1)
        const lines = job?.log.lines.slice(1).map(({ data }) => data) ?? []
        const first = lines.find((line) => !/^(?:Resolved|Downloading)/.test(line)) ?? ''
        found[name] = `${job?.message}: ${first.replace(/ in [\d.]+m?s$/, '').replace(/\.tmp\w+/, '.tmp')}`
      }
      return found
    },
    { jobs },
  )
}

const standIn: Check = {
  name: 'hf: uv, and what stands in for it',
  group: 'hf',
  needs: ['python'],
  answers: { cases: Object.keys(CASES).length, 'the stand-in differs in': [] },
  async observe(tools) {
    const { jobs, image, against } = await realUv(tools)
    const folder = mkdtempSync(join(tmpdir(), 'uv-cache-'))
    try {
      const lock = await makeLock(jobs.uvPath ?? 'uv', folder)
      const real = await outcomes({ image, lock, jobs: { ...jobs, uvCacheDir: join(folder, 'cache') } })
      const ours = await outcomes({ image, lock, jobs: { uvPath: standInUv } })
      const differing = Object.keys(CASES).filter((name) => real[name] !== ours[name])
      const seen = { cases: Object.keys(real).length, 'the stand-in differs in': differing }
      return { seen, against, log: JSON.stringify({ real, ours }, null, 2) }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

/** Jobs with uv: what the Hub's client sends for a script of this machine, and how uv takes scripts. */
export const uvChecks: readonly Check[] = [shipped, standIn]
