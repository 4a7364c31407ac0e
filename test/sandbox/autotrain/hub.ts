import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRepo, HubApiError, uploadFiles } from '@huggingface/hub'
import type { Params } from './params.ts'
import { PyError } from './python.ts'

/** The Hub as Python's client finds it: `HF_ENDPOINT` and, where no token is given, `HF_TOKEN`. */
export interface HubClient {
  hubUrl: string
  token: string | null
  /** Fails when the Hub has it already. */
  createModel(params: Params): Promise<void>
  /** Everything in the project's folder. */
  push(params: Params): Promise<void>
  /** Fails unless the Hub has a model of that name which the token may see. */
  requireModel(name: string): Promise<void>
}

const modelOf = (params: Params) => `${params.username ?? 'None'}/${params.project_name}`

function translated(error: unknown): PyError {
  if (!(error instanceof HubApiError)) return new PyError('RuntimeError', String((error as Error).message))
  const { statusCode, url, message } = error
  const kind = statusCode < 500 ? 'Client Error' : 'Server Error'
  return new PyError(
    'huggingface_hub.errors.HfHubHTTPError',
    `${statusCode} ${kind} for url: ${url}\n\n${message}`,
  )
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

  return {
    hubUrl,
    token,
    async createModel() {
      await create().catch((error) => {
        throw error instanceof PyError ? error : translated(error)
      })
    },
    async push({ project_name: folder }) {
      try {
        await create().catch((error) => {
          if (!(error instanceof HubApiError) || error.statusCode !== 409) throw error
        })
        const names = readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
        await uploadFiles({
          hubUrl,
          ...(token !== null && { accessToken: token }),
          repo,
          files: names.toSorted().map((name) => ({
            path: name.slice(folder.length + 1),
            content: new Blob([readFileSync(name)]),
          })),
          commitTitle: 'Upload folder using huggingface_hub',
        })
      } catch (error) {
        throw error instanceof PyError ? error : translated(error)
      }
    },
    async requireModel(name) {
      const response = await fetch(`${hubUrl}/api/models/${name}`, {
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
      })
      if (response.ok) return
      throw new PyError('OSError', `${name} is not a folder and not a model on the Hub (${response.status})`)
    },
  }
}
