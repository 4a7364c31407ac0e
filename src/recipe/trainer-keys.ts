import type { RecipeSettings, TrainerName } from '../domain/recipe.ts'
import { Refused } from '../domain/verdict.ts'
import { kebabCase, snakeCase } from './keys.ts'

/** A project of the classic trainer is launched by a person, and its end is not seen. */
const publishing: readonly TrainerName[] = ['autotrain', 'script', 'job', 'command']

/** The keys that only some trainers can use, and which. All other keys are for every trainer. */
export const trainersOfKey: Readonly<Partial<Record<keyof RecipeSettings, readonly TrainerName[]>>> = {
  script: ['script'],
  scriptArgs: ['script'],
  files: ['script'],
  python: ['script'],
  with: ['script'],
  env: ['script', 'job'],
  secrets: ['script', 'job'],
  giveToken: ['script', 'job'],
  publishTo: publishing,
  publishPublic: publishing,
  publishOver: publishing,
  publishCode: publishing,
  startFrom: publishing,
}

/**
 * Refuses a key that a person gave and the trainer does not use: it would be left out without a word.
 *
 * @param options.given the keys that a person gave
 * @param options.where names the recipe where there are several; empty for one
 * @throws Refused with the key and the trainers that use it
 */
export function checkTrainerKeys(options: {
  trainer: TrainerName
  given: readonly (keyof RecipeSettings)[]
  where: string
}): void {
  const { trainer, given, where } = options
  for (const key of given) {
    const trainers = trainersOfKey[key]
    if (trainers === undefined || trainers.includes(trainer)) continue
    const place = where === '' ? kebabCase(key) : `${where}: ${snakeCase(key)}`
    throw new Refused(
      `${place}: it is for trainer: ${trainers.join(' or ')}, not for ${trainer}: ` +
        'remove it, or change the trainer.',
    )
  }
}
