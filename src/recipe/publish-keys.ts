import { expectsModel, type Recipe, type RecipeSettings } from '../domain/recipe.ts'
import { isSameName } from '../domain/text/hub-name.ts'
import { Refused } from '../domain/verdict.ts'
import { kebabCase, snakeCase } from './keys.ts'

/** The keys that say how to publish, and mean nothing without a place to publish to. */
const needPlace = ['publishPublic', 'publishOver', 'publishCode'] as const

/**
 * Checks the keys about publishing against each other.
 *
 * @param options.where names the recipe where there are several; empty for one
 * @throws Refused with the key, what is wrong and what to do
 */
export function checkPublishKeys(recipe: RecipeSettings, { where }: { where: string }): void {
  const named = (key: keyof RecipeSettings) => (where === '' ? kebabCase(key) : `${where}: ${snakeCase(key)}`)
  const { publishTo, startFrom, inputModel, targetNamespace, autotrainProjectPrefix } = recipe
  if (publishTo === null) {
    const alone = needPlace.find((key) => recipe[key]) ?? (startFrom === 'published' ? 'startFrom' : null)
    if (alone === null) return
    throw new Refused(
      `${named(alone)}: it needs publish-to: set publish-to to the model that people load, such as ` +
        `${targetNamespace}/digits, or remove ${kebabCase(alone)}.`,
    )
  }
  if (!expectsModel(recipe)) {
    throw new Refused(
      `${named('publishTo')}: it needs a model, and with expect-model: false a training leaves none: remove one of the two.`,
    )
  }
  if (isSameName(publishTo, inputModel)) {
    throw new Refused(
      `${named('publishTo')}: it is the base model: choose another name, so that the base model stays as it is. With ` +
        'start-from: published each training goes on from what is published.',
    )
  }
  if (isRunName(publishTo, `${targetNamespace}/${autotrainProjectPrefix}`)) {
    throw new Refused(
      `${named('publishTo')}: it looks like the name of a run's own model (${autotrainProjectPrefix}- and seven digits of ` +
        'the revision): choose another name.',
    )
  }
}

/**
 * Two recipes that publish to one model would replace each other's.
 *
 * @throws Refused with the model
 */
export function refuseSharedPlace(recipes: readonly Recipe[]): void {
  const seen = new Set<string>()
  for (const { publishTo } of recipes) {
    const name = publishTo?.toLowerCase()
    if (name === undefined) continue
    if (seen.has(name)) {
      throw new Refused(
        `publish_to: two recipes would publish to ${publishTo}, and each would replace the other's model: give each ` +
          'recipe its own publish_to.',
      )
    }
    seen.add(name)
  }
}

function isRunName(name: string, prefix: string): boolean {
  const [own, begin] = [name.toLowerCase(), `${prefix.toLowerCase()}-`]
  return own.startsWith(begin) && /^[0-9a-f]{7}(?:-\d+)?$/.test(own.slice(begin.length))
}
