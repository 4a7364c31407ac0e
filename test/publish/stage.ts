import { downloadFile, listFiles } from '@huggingface/hub'
import { type Published, type PublishOrder, publishModel } from '../../src/publish/publish-model.ts'
import { connect } from '../hub/connect.ts'
import { sha256 } from '../sandbox/hub/git/git-objects.ts'
import { type SandboxHub, startHub } from '../sandbox/hub/start.ts'

/** The run's model and the stable one. */
export const run = 'acme/digits-1d55c3a'
export const stable = 'acme/digits'
/** Of the commit. */
export const title = 'Publish digits-1d55c3a (auto-retrain publication 1)'
const token = 'hf_ann_writes'

/** Large enough to arrive in several pieces. */
export function weights(seed: number): Uint8Array {
  return Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + seed) % 251)
}

/** What stands for a content: comparing large ones byte by byte takes a test seconds. */
export function idOf(content: string | Uint8Array): string {
  return sha256(Buffer.from(content))
}

const first = {
  'config.json': '{"labels":10}\n',
  'model.safetensors': weights(1),
  'onnx/model.onnx': weights(2),
  'README.md': '# The run\n',
  'training/train.py': 'print(1)\n',
  'checkpoint-500/model.safetensors': weights(3),
  'runs/events.out.tfevents.1': weights(4),
  'training_args.bin': weights(5),
}

/** What of the run is published at first. */
export const publishedOfFirst = {
  'config.json': idOf(first['config.json']),
  'model.safetensors': idOf(weights(1)),
  'onnx/model.onnx': idOf(weights(2)),
}

/** A part of an order that differs from the usual, and how it is carried out. */
export interface Change extends Partial<PublishOrder> {
  token?: string
  log?: (line: string) => void
  signal?: AbortSignal
}

/** A Hub with a run's model. */
export interface Stage {
  sandbox: SandboxHub
  publish(change?: Change): Promise<Published>
  /** A commit of a model; @default the run's. */
  commit(
    files: Record<string, string | Uint8Array>,
    options?: { model?: string; deletions?: string[]; title?: string },
  ): string
  head(model?: string): string
  /** Of the stable model, the oldest first. */
  titles(): string[]
  /** What the official client reads there, by the ids of the contents. */
  contents(revision?: string): Promise<Record<string, string>>
  /** Requests that bring bytes to the storage. */
  uploads(): number
}

/** Starts it. The account `ann` writes in `acme`. */
export async function startStage(): Promise<Stage> {
  const sandbox = await startHub({ retryDelaysMs: [] })
  sandbox.addUser({ name: 'ann', token, orgs: ['acme'] })
  sandbox.createModel({ name: run, private: true, files: first })
  const head = (model = stable) => sandbox.repository(model, 'model').refs.get('refs/heads/main') ?? ''
  return {
    sandbox,
    head,
    publish: ({ token: as = token, log = () => {}, signal, ...change } = {}) =>
      publishModel(
        connect(sandbox.url, as).hub,
        {
          from: { model: run, commit: head(run) },
          to: stable,
          parent: null,
          title,
          description: 'Made from acme/digits at 1d55c3a.',
          includesCode: false,
          card: ({ published, run: ofRun }) => (published === '' ? `${ofRun}published\n` : published),
          ...change,
        },
        { signal, log },
      ),
    commit: (files, { model = run, ...options } = {}) =>
      sandbox.commit(model, { type: 'model', files, ...options }).sha,
    titles: () => [...sandbox.repository(stable, 'model').commits.values()].map((commit) => commit.title),
    contents: (revision = 'main') => readAll(sandbox, revision),
    uploads: () => sandbox.storage.requests.filter(({ method }) => method === 'PUT').length,
  }
}

async function readAll({ url }: SandboxHub, revision: string): Promise<Record<string, string>> {
  const access = { accessToken: token, hubUrl: url }
  const repo = { type: 'model', name: stable } as const
  const found: Record<string, string> = {}
  for await (const { type, path } of listFiles({ ...access, repo, revision, recursive: true })) {
    if (type === 'directory' || path === '.gitattributes') continue
    const file = await downloadFile({ ...access, repo, path, revision })
    found[path] = idOf(new Uint8Array((await file?.arrayBuffer()) ?? new ArrayBuffer(0)))
  }
  return found
}
