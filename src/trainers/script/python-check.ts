import { satisfies } from '@renovatebot/pep440'
import type { Check } from '../../domain/plan/checks.ts'
import type { ScriptHeader } from './header/header.ts'
import { fitsPython, pythonOfImage, uvOfImage } from './header/python-version.ts'
import type { ScriptSettings } from './settings/settings.ts'

/** Holds what a script requires against the Python of its Job. */
export function pythonCheck(
  { image, python }: ScriptSettings,
  { script, header: { requiresPython: requires } }: { script: string; header: ScriptHeader },
): Check {
  const [id, title] = ['script-python', 'The Python is one that the script can use']
  if (requires === null) return { id, title, ...passed('the script does not say which it needs') }
  const asked = python.value ?? pythonOfImage(image.value)
  const wants = `${script} wants Python ${requires}`
  const fit = asked === null ? 'unknown' : fitsPython({ python: asked, requires })
  if (asked === null || fit === 'unknown') {
    const found = `${requires} is wanted; ${asked === null ? `the name of the image ${image.value} does not say what it has` : `python is ${asked}`}`
    return { id, title, found, verdict: 'unknown', advice: null }
  }
  const has = python.value === null ? `the image ${image.value} has ${asked}` : `python is ${asked}`
  if (fit === 'fits') return { id, title, ...passed(`${requires} is wanted, ${has}`) }
  if (fit === 'patch') {
    const advice = `${wants}, and ${has}: whether its last patch fits is not known, so write requires-python as ==${asked}.* or >=${asked}.`
    return { id, title, found: `${requires} is wanted, ${has}`, verdict: 'warned', advice }
  }
  const remedy =
    python.value === null ? 'set image or python' : 'change python, or requires-python in the header'
  return { id, title, found: 'not possible', verdict: 'refused', advice: `${wants}, and ${has}: ${remedy}.` }
}

/** Holds the uv that a header asks for against that of the image; empty where it asks for none. */
export function uvChecks(
  { image }: ScriptSettings,
  { script, header: { uv } }: { script: string; header: ScriptHeader },
): Check[] {
  const { requiredVersion: requires } = uv
  if (requires === null) return []
  const [id, title] = ['script-uv', 'The uv is one that the script can use']
  const has = uvOfImage(image.value)
  if (has === null) {
    const found = `${requires} is wanted; the name of the image ${image.value} does not say what it has`
    return [{ id, title, found, verdict: 'unknown', advice: null }]
  }
  if (satisfies(has, requires))
    return [{ id, title, ...passed(`${requires} is wanted, the image has ${has}`) }]
  const advice = `${script} wants uv ${requires}, and the image ${image.value} has ${has}: set image, or change required-version in the header.`
  return [{ id, title, found: 'not possible', verdict: 'refused', advice }]
}

function passed(found: string): Pick<Check, 'found' | 'verdict' | 'advice'> {
  return { found, verdict: 'passed', advice: null }
}
