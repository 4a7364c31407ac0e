// Not the named export: on a Node.js without it, the program would not even start.
import http from 'node:http'
import { applyProxy, type ProxySettings, readProxy } from '../../http/proxy/proxy.ts'

/**
 * Sends all later requests of this process through the proxy that the step's environment names.
 *
 * @returns the proxy; null when there is none
 * @throws Refused when the proxy is malformed, or the runner's Node.js would ignore it
 */
export function useProxy(env: Readonly<Record<string, string | undefined>>): ProxySettings | null {
  const proxy = readProxy(env)
  const nodeUsesEnv = env.NODE_USE_ENV_PROXY === '1' || /--use-env-proxy\b/.test(env.NODE_OPTIONS ?? '')
  const setGlobalProxy: typeof http.setGlobalProxyFromEnv | undefined = http.setGlobalProxyFromEnv
  const platform = {
    nodeVersion: process.version,
    supportsProxyEnv: process.allowedNodeEnvironmentFlags.has('--use-env-proxy'),
    setGlobalProxy,
  }
  applyProxy({ proxy, nodeUsesEnv, platform })
  return proxy
}
