import type { Check } from '../../../domain/plan/checks.ts'
import type { Recipe } from '../../../domain/recipe.ts'
import { cutText } from '../../../domain/text/cut.ts'
import { formatCount } from '../../../domain/text/format.ts'
import { Refused } from '../../../domain/verdict.ts'
import { knownVersion } from '../known-problems.ts'
import { familyOf, paramOf } from './families.ts'
import { nearestName } from './names.ts'
import { firstOwnKeyProblem, ownKeyProblem } from './own-keys.ts'
import { combinationWarnings, deviceProblems } from './together.ts'
import { valueProblem } from './values.ts'

const passed = { id: 'params', title: 'Parameters', verdict: 'passed', advice: null } as const

/**
 * Checks the parameters of a recipe before anything is paid for. AutoTrain drops a parameter that it does not know with
 * a line in its log, and fails on a value of another type after the Job began. An image of the recipe may have another
 * AutoTrain: there both are warnings. The other trainers give `params` to a script, which may know any.
 *
 * @returns one check for each thing that is wrong or worth a look, or one that passed
 */
export function paramChecks(recipe: Recipe): Check[] {
  const names = Object.keys(recipe.params)
  const owned = names.flatMap((name) => {
    const advice = ownKeyProblem(name)
    return advice === null ? [] : [check(name, 'set by another key', 'refused', advice)]
  })
  if (recipe.trainer !== 'autotrain') {
    return owned.length > 0 ? owned : [{ ...passed, found: 'given to the script as they are' }]
  }
  const certain = recipe.image === null ? 'refused' : 'warned'
  const wrong = names.flatMap((name) => {
    if (ownKeyProblem(name) !== null) return []
    const problem = unknownProblem(recipe, name) ?? wrongProblem(recipe, name)
    return problem === null ? [] : [check(name, problem.found, certain, problem.advice)]
  })
  // What goes together is worth a word only once each value is right.
  const together =
    wrong.length > 0
      ? []
      : [
          ...deviceProblems(recipe).map(({ name, ...rest }) => check(name, rest.found, certain, rest.advice)),
          ...combinationWarnings(recipe).map(({ name, found, advice }) =>
            check(name, found, 'warned', advice),
          ),
        ]
  const checks = [...owned, ...wrong, ...together]
  if (checks.length > 0) return checks
  const found =
    names.length === 0
      ? 'all as AutoTrain has them'
      : `${formatCount(names.length, 'parameter')} of ${recipe.task}`
  return [{ ...passed, found }]
}

/**
 * Refuses parameters with which a training must not start.
 *
 * @throws Refused with the first sentence of `paramChecks` that refuses
 */
export function checkParams(recipe: Recipe): void {
  const owned = firstOwnKeyProblem(recipe)
  if (owned !== null) throw new Refused(owned)
  const refused = paramChecks(recipe).find(({ verdict }) => verdict === 'refused')
  if (refused !== undefined) throw new Refused(refused.advice ?? refused.found)
}

/** Something found about one parameter. */
interface Found {
  readonly found: string
  readonly advice: string
}

function check(name: string, found: string, verdict: Check['verdict'], advice: string): Check {
  const title = `Parameter ${cutText(name, 60)}`
  return { id: `param-${cutText(kebab(name), 60)}`, title, found, verdict, advice }
}

const kebab = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')

/** A value as JSON, which has no word for what is no number. */
function shown(value: unknown): string {
  return cutText(typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing'), 60)
}

function unknownProblem({ task }: Recipe, name: string): Found | null {
  const family = familyOf(task)
  if (Object.hasOwn(family, name)) return null
  const nearest = nearestName(name, family)
  const hint =
    nearest === null
      ? `it has ${Object.keys(family).join(', ')}; remove it.`
      : `did you mean ${nearest}? Otherwise remove it.`
  return {
    found: 'no such parameter',
    advice: `params: ${knownVersion} has no parameter ${cutText(name, 100)} for the task ${task}, and would ignore it: ${hint}`,
  }
}

function wrongProblem({ task, params, columnMapping }: Recipe, name: string): Found | null {
  if (Object.hasOwn(columnMapping, name)) {
    const advice = `params: ${name} is in column-mapping as well, and AutoTrain would take this one: remove it here.`
    return { found: 'given twice', advice }
  }
  const facts = paramOf(task, name)
  const allowed = facts === undefined ? null : valueProblem(facts, params[name])
  if (allowed === null) return null
  const value = shown(params[name])
  return { found: value, advice: `params: ${name} must be ${allowed}, not ${value}.` }
}
