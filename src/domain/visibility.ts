/** Who can see a repository. `unknown`: the service did not say. */
export type Visibility = 'public' | 'private' | 'unknown'

/**
 * Whether a place may name a thing and link to it. A place that strangers can read names only public things. Unknown
 * counts as the unsafe case: an unknown place as public, an unknown thing as private.
 *
 * @param options.place where the name would be written: the workflow's repository, the dataset, or the model
 * @param options.thing what would be named
 */
export function mayName({ place, thing }: { place: Visibility; thing: Visibility }): boolean {
  return thing === 'public' || place === 'private'
}

/**
 * Replaces the dataset's name by "the dataset" in text that will be written to a place which must not name it. Error
 * messages of services contain URLs, and these contain the name.
 *
 * @param options.dataset `namespace/name`; undefined: no recipe is known yet, nothing is replaced
 * @param options.place the visibility of the place where the text is written
 * @param options.thing the visibility of the dataset
 */
export function maskDataset(
  text: string,
  { dataset, ...visibilities }: { dataset: string | undefined; place: Visibility; thing: Visibility },
): string {
  return dataset === undefined || mayName(visibilities) ? text : text.replaceAll(dataset, 'the dataset')
}
