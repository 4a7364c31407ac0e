import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * The browser of this machine, without a window.
 *
 * @returns null when there is none, and nobody said (`CI=true`) that there must be
 */
export async function findBrowser(): Promise<Browser | null> {
  const executablePath = candidates.find((path) => existsSync(path))
  if (executablePath !== undefined) return chromium.launch({ executablePath, args: ['--no-sandbox'] })
  if (process.env.CI === 'true') throw new Error('There is no Chromium: apt-get install -y chromium')
  console.warn('Skipped: there is no Chromium on this machine (apt-get install -y chromium).')
  return null
}
