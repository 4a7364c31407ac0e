/** Who can see a repository. */
export type Visibility = 'public' | 'private' | 'unknown'

/**
 * Whether a text may name a repository and link to it: not where people can read the text who cannot see the
 * repository. Unknown counts as the worse case: an unknown place is public, an unknown thing is private.
 *
 * @param options.place where the text is published: the workflow's repository or the dataset
 * @param options.thing what the text would name
 */
export function mayName({ place, thing }: { place: Visibility; thing: Visibility }): boolean {
  return thing === 'public' || place === 'private'
}
