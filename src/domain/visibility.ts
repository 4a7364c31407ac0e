/** Who can see a repository. */
export type Visibility = 'public' | 'private' | 'unknown'

/**
 * Whether a place may name a thing and link to it: not where strangers read the place and may not know the thing.
 * What is not known counts as the worse: an unknown place as public, an unknown thing as private.
 *
 * @param options.place where it would be written: the workflow's repository, or the dataset
 * @param options.thing what would be named
 */
export function mayName({ place, thing }: { place: Visibility; thing: Visibility }): boolean {
  return thing === 'public' || place === 'private'
}
