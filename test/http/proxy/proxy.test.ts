import { describe, expect, jest, test } from '@jest/globals'
import { agentProxyOptions, applyProxy, proxyCredentials, readProxy } from '../../../src/http/proxy/proxy.ts'

const http = { http_proxy: undefined, https_proxy: undefined, no_proxy: undefined }
const invalid =
  'HTTPS_PROXY must be the URL of an http:// or https:// proxy, such as http://proxy.example:3128.'

describe('Reading the variables', () => {
  test.each([{}, { HTTPS_PROXY: '', https_proxy: ' ' }, { NO_PROXY: 'a.test' }])(
    'Without a proxy (%j) there is none.',
    (env) => {
      expect(readProxy(env)).toBeNull()
    },
  )

  test('NO_PROXY=* means no proxy.', () => {
    expect(readProxy({ HTTPS_PROXY: 'http://proxy.test', NO_PROXY: '*' })).toBeNull()
  })

  test('The lower-case variable wins, unless it is empty.', () => {
    const upper = { HTTPS_PROXY: 'http://upper.test:1', NO_PROXY: 'upper.test' }
    expect(readProxy({ ...upper, https_proxy: 'http://lower.test:2', no_proxy: 'lower.test' })).toEqual({
      env: { ...http, https_proxy: 'http://lower.test:2/', no_proxy: 'lower.test' },
      https: { variable: 'https_proxy', protocol: 'http:', hostname: 'lower.test', port: '2' },
      http: null,
    })
    expect(readProxy({ ...upper, https_proxy: '', no_proxy: '' })).toEqual({
      env: { ...http, https_proxy: 'http://upper.test:1/', no_proxy: 'upper.test' },
      https: { variable: 'HTTPS_PROXY', protocol: 'http:', hostname: 'upper.test', port: '1' },
      http: null,
    })
  })

  test.each([
    ['proxy.test:3128', 'http://proxy.test:3128/', '3128'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128/', '3128'],
    ['ada:pass@proxy.test', 'http://ada:pass@proxy.test/', '80'],
    ['https://proxy.test', 'https://proxy.test/', '443'],
  ])('%s is the proxy %s.', (value, href, port) => {
    const proxy = readProxy({ HTTPS_PROXY: value })
    expect(proxy?.env.https_proxy).toBe(href)
    expect(proxy?.https?.port).toBe(port)
  })

  test.each([
    'socks5://ada:hidden@proxy.test',
    'http://ada:hidden@',
    'http://ada:hidden@proxy:port',
    'ftp://x',
  ])('A proxy that Node cannot use (%s) is refused without showing it.', (value) => {
    expect(() => readProxy({ HTTPS_PROXY: value })).toThrow(invalid)
  })

  test('A password with a bare % is refused without showing it.', () => {
    expect(() => readProxy({ https_proxy: 'http://ada:100%zz@proxy.test' })).toThrow(
      'https_proxy has a % in its user or password that encodes nothing: write it as %25.',
    )
  })
})

test('The credentials of every variable are found, as written and decoded, even where the URL is malformed.', () => {
  expect(
    proxyCredentials({
      HTTPS_PROXY: 'http://ada:p%40ss@proxy.test',
      https_proxy: 'bob:se@cret:1@[bad',
      HTTP_PROXY: 'http://token@proxy.test',
      http_proxy: 'http://proxy.test',
    }),
  ).toEqual(['token', 'bob:se@cret:1', 'se@cret:1', 'ada:p%40ss', 'ada:p@ss', 'p%40ss', 'p@ss'])
})

describe('Using the proxy in this process', () => {
  const proxy = readProxy({ HTTPS_PROXY: 'http://proxy.test', NO_PROXY: 'a.test' })
  const old = { nodeVersion: 'v24.5.0', supportsProxyEnv: true, setGlobalProxy: undefined }
  const older = { ...old, nodeVersion: 'v24.0.0', supportsProxyEnv: false }

  test('Node is given the proxy and its exceptions.', () => {
    const setGlobalProxy = jest.fn()
    const platform = { ...old, setGlobalProxy }
    expect(applyProxy({ proxy, nodeUsesEnv: false, platform })).toBe('set')
    expect(setGlobalProxy.mock.calls).toEqual([
      [{ ...http, https_proxy: 'http://proxy.test/', no_proxy: 'a.test' }],
    ])
  })

  test.each([{}, { HTTP_PROXY: 'http://proxy.test' }])(
    'Without a proxy for https:// addresses (%j) nothing is set.',
    (env) => {
      const setGlobalProxy = jest.fn()
      const platform = { ...old, setGlobalProxy }
      expect(applyProxy({ proxy: readProxy(env), nodeUsesEnv: false, platform })).toBe('none')
      expect(applyProxy({ proxy: readProxy(env), nodeUsesEnv: false, platform: older })).toBe('none')
      expect(setGlobalProxy).not.toHaveBeenCalled()
    },
  )

  test('A Node that was started with the proxy needs nothing more.', () => {
    expect(applyProxy({ proxy, nodeUsesEnv: true, platform: old })).toBe('node')
  })

  test('A Node that would ignore the proxy is refused with the setting that changes it.', () => {
    expect(() => applyProxy({ proxy, nodeUsesEnv: false, platform: old })).toThrow(
      "HTTPS_PROXY is set, but the runner's Node.js v24.5.0 ignores it by default: " +
        'set NODE_USE_ENV_PROXY: 1 in the env of this step, or update the runner.',
    )
  })

  test.each([true, false])('A Node that cannot use a proxy is refused (NODE_USE_ENV_PROXY: %s).', (on) => {
    expect(() => applyProxy({ proxy, nodeUsesEnv: on, platform: older })).toThrow(
      "HTTPS_PROXY is set, but the runner's Node.js v24.0.0 cannot use a proxy: update the runner.",
    )
  })

  test('Agents get the proxy, or the Node that ignores it is refused.', () => {
    expect(agentProxyOptions({ proxy, platform: old })).toEqual({ proxyEnv: proxy?.env })
    expect(agentProxyOptions({ proxy: null, platform: older })).toEqual({})
    expect(() => agentProxyOptions({ proxy, platform: older })).toThrow(
      'HTTPS_PROXY is set, but Node.js v24.0.0 cannot use a proxy: update it to 24.5 or later.',
    )
  })
})
