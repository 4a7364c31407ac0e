import { randomBytes } from 'node:crypto'
import { type Live, Missing } from './questions.ts'
import { createService, field, mustBe, type Service } from './service.ts'

/** The variables that the live check reads. */
export type Environment = Readonly<Record<string, string | undefined>>

/** All values of the environment that must not be shown. */
export function secretsOf(environment: Environment): string[] {
  const names = ['HF_TOKEN', 'GITHUB_TOKEN', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN']
  return names.flatMap((name) => environment[name] ?? [])
}

/**
 * Binds the services that an environment names.
 *
 * @param options.sleep resolves after that many milliseconds
 * @param options.hide takes a secret that was found on the way, so that it is not shown
 */
export function createLive(
  environment: Environment,
  options: { sleep: (ms: number) => Promise<void>; hide: (secret: string) => void },
): Omit<Live, 'undo'> {
  const need = (name: string) => {
    const value = environment[name]
    if (value) return value
    throw new Missing(`Set ${name} to ask this.`)
  }
  const once = <T>(make: () => T) => {
    let made: { value: T } | undefined
    return () => {
      made ??= { value: make() }
      return made.value
    }
  }
  const hubAs = (token: string): Service => {
    options.hide(token)
    return createService({ url: environment.HF_ENDPOINT || 'https://huggingface.co', token })
  }
  const hub = once(() => hubAs(need('HF_TOKEN')))
  const github = once(() =>
    createService({
      url: environment.GITHUB_API_URL || 'https://api.github.com',
      token: need('GITHUB_TOKEN'),
      headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
    }),
  )
  const namespace = once(async () => {
    if (environment.LIVE_NAMESPACE) return environment.LIVE_NAMESPACE
    return String(field(mustBe(200, await hub().send('GET', '/api/whoami-v2')), 'name'))
  })
  const freeName = `live-check-${randomBytes(4).toString('hex')}`
  return {
    get hub() {
      return hub()
    },
    get github() {
      return github()
    },
    get repository() {
      return need('GITHUB_REPOSITORY')
    },
    hubAs,
    namespace,
    freeName,
    commit: environment.GITHUB_SHA || null,
    sleep: options.sleep,
    async idToken(audience) {
      const url = new URL(need('ACTIONS_ID_TOKEN_REQUEST_URL'))
      const service = createService({ url: url.origin, token: need('ACTIONS_ID_TOKEN_REQUEST_TOKEN') })
      url.searchParams.set('audience', audience)
      const value = String(field(mustBe(200, await service.send('GET', url.pathname + url.search)), 'value'))
      options.hide(value)
      return value
    },
  }
}
