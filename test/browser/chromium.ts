import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Starts the machine's Chromium without a window.
 *
 * @returns null when it is not installed
 * @throws Error when it is not installed and `CI=true`
 */
export async function findBrowser(): Promise<Browser | null> {
  const executablePath = candidates.find((path) => existsSync(path))
  if (executablePath !== undefined) return chromium.launch({ executablePath, args: ['--no-sandbox'] })
  if (process.env.CI === 'true') throw new Error('Chromium is not installed: run apt-get install -y chromium')
  console.warn('Skipped: Chromium is not installed (apt-get install -y chromium).')
  return null
}
