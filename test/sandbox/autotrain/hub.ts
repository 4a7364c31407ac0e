import { readdirSync, readFileSync, statSync } from 'node:fs'
import { STATUS_CODES } from 'node:http'
import { basename, join } from 'node:path'
import { createRepo, HubApiError, uploadFiles } from '@huggingface/hub'
import type { Bars } from './model/bars.ts'
import { createBars, drawBar } from './model/bars.ts'
import type { Params } from './params.ts'
import { PyError } from './python.ts'

/** The Hub as Python's client finds it: `HF_ENDPOINT` and, where no token is given, `HF_TOKEN`. */
export interface HubClient {
  hubUrl: string
  token: string | null
  /** Fails when the Hub has it already. */
  createModel(params: Params): Promise<void>
  /** What TensorBoard would show, while the training goes on. */
  pushRuns(params: Params, bars: Bars): Promise<void>
  /** Everything in the project's folder. */
  push(params: Params): Promise<void>
  /** Fails unless the Hub has a model of that name which the token may see. */
  requireModel(name: string): Promise<void>
}

const modelOf = (params: Params) => `${params.username ?? 'None'}/${params.project_name}`

/** As huggingface_hub 0.27 words it: https://github.com/huggingface/huggingface_hub/blob/v0.27.0/src/huggingface_hub/utils/_http.py */
function translated(error: unknown): PyError {
  if (!(error instanceof HubApiError)) return new PyError('RuntimeError', String((error as Error).message))
  const { statusCode, url, message, requestId } = error
  const kind = 'huggingface_hub.errors.HfHubHTTPError'
  if (statusCode === 403) {
    const lines = [`403 Forbidden: ${message}.`, `Cannot access content at: ${url}.`]
    return new PyError(kind, [...lines, 'Make sure your token has the correct permissions.'].join('\n'))
  }
  const side = statusCode < 500 ? 'Client Error' : 'Server Error'
  const id = requestId === undefined ? '' : ` (Request ID: ${requestId})`
  return new PyError(
    kind,
    `${statusCode} ${side}: ${STATUS_CODES[statusCode]} for url: ${url}${id}\n\n${message}`,
  )
}

/** The kinds of file that a new repository keeps in LFS, as far as a training leaves any. */
const isLarge = (path: string) => /\.(safetensors|bin|pth?)$|tfevents/.test(basename(path))

/** Draws how files were uploaded: one bar for all, and below it one after the other. */
function drawUploads(bars: Bars, options: { files: readonly string[]; rows: [0, 1] | [1, 2] }): void {
  const [all, each] = options.rows
  const total = options.files.length
  for (const file of options.files) {
    const size = statSync(file).size
    const state = { label: basename(file), total: size, unit: 'B', isScaled: true }
    bars.show(each, drawBar({ ...state, done: 0, seconds: 0 }))
    bars.end(each, { left: drawBar({ ...state, done: size, seconds: 0.005 }) })
  }
  bars.end(all, { left: drawBar({ done: total, total, seconds: 0.05 }) })
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/**
 * @param params the training's parameters
 * @param env where the endpoint and the token are looked up
 * @returns the client of one training
 */
export function createHubClient(params: Params, env: NodeJS.ProcessEnv): HubClient {
  const hubUrl = env.HF_ENDPOINT ?? 'https://huggingface.co'
  const token = params.token || env.HF_TOKEN || null
  const repo = { type: 'model', name: modelOf(params) } as const

  const create = async () => {
    if (token === null)
      throw new PyError('huggingface_hub.errors.LocalTokenNotFoundError', 'Token is required')
    await createRepo({ hubUrl, accessToken: token, repo, visibility: 'private' })
  }

  const upload = async (
    folder: string,
    options: { below: string; bars: Bars; rows: [0, 1] | [1, 2] },
  ): Promise<void> => {
    const { below, bars, rows } = options
    const names = filesBelow(folder)
    const large = names.filter(isLarge)
    bars.show(rows[0], drawBar({ done: 0, total: large.length, seconds: 0 }))
    try {
      await uploadFiles({
        hubUrl,
        ...(token !== null && { accessToken: token }),
        repo,
        files: names.map((name) => ({
          path: name.slice(below.length + 1),
          content: new Blob([readFileSync(name)]),
        })),
        commitTitle: 'Upload folder using huggingface_hub',
      })
    } catch (error) {
      throw translated(error)
    }
    drawUploads(bars, { files: large, rows })
  }

  return {
    hubUrl,
    token,
    async createModel() {
      await create().catch((error) => {
        throw error instanceof PyError ? error : translated(error)
      })
    },
    pushRuns: ({ project_name: folder }, bars) =>
      upload(join(folder, 'runs'), { below: folder, bars, rows: [1, 2] }),
    async push({ project_name: folder }) {
      await create().catch((error) => {
        if (error instanceof HubApiError && error.statusCode === 409) return
        throw error instanceof PyError ? error : translated(error)
      })
      const bars = createBars((text) => process.stderr.write(text))
      await upload(folder, { below: folder, bars, rows: [0, 1] })
    },
    async requireModel(name) {
      const response = await fetch(`${hubUrl}/api/models/${name}`, {
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
      })
      if (response.ok) return
      const missing = new PyError(
        'huggingface_hub.errors.RepositoryNotFoundError',
        [
          `${response.status} Client Error. (Request ID: ${response.headers.get('x-request-id')})`,
          '',
          `Repository Not Found for url: ${hubUrl}/${name}/resolve/main/config.json.`,
          'Please make sure you specified the correct `repo_id` and `repo_type`.',
          'If you are trying to access a private or gated repo, make sure you are authenticated.',
        ].join('\n'),
      )
      const told = [
        `${name} is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'`,
        'If this is a private repository, make sure to pass a token having permission to this repo either by logging in with `huggingface-cli login` or by passing `token=<your_token>`',
      ]
      throw new PyError('OSError', told.join('\n'), { cause: missing })
    },
  }
}
