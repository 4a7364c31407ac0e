/** Who can see a repository. `unknown`: the service did not say. */
export type Visibility = 'public' | 'private' | 'unknown'

/**
 * Who can read a repository, as GitHub describes it in an event or in its answer about the repository. One that is
 * internal to an enterprise is not public.
 */
export function visibilityOf(
  repository: { visibility?: string | null | undefined; private?: boolean | null | undefined } | undefined,
): Visibility {
  if (typeof repository?.visibility === 'string')
    return repository.visibility === 'public' ? 'public' : 'private'
  if (typeof repository?.private === 'boolean') return repository.private ? 'private' : 'public'
  return 'unknown'
}

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

/** Something whose name must not stand where not everyone may know it. */
export interface Named {
  /** `namespace/name`. A name without namespace is a canonical repository, which is always public. */
  readonly name: string
  readonly visibility: Visibility
  /** Stands for the name in text: "the dataset". */
  readonly replacement: string
}

/** Stands for a name in an address, where words would look like a part of it. */
const hiddenInAddress = '…'

/**
 * Replaces names in text that will be written to a place which must not name them. Error messages of services contain
 * URLs, and these contain the names, maybe percent-encoded. Services write them in any case, and the caches of
 * huggingface_hub and datasets name their folders after them, with `--` or `___` for the slash. A longer name that begins
 * like one of them is that of another thing: `acme/digits-3f2a9c4`.
 *
 * @param options.place the visibility of the place where the text is written
 * @param options.things what the text may name
 */
export function maskPrivate(
  text: string,
  { place, things }: { place: Visibility; things: readonly Named[] },
): string {
  const hidden = things
    .filter(({ name, visibility }) => name.includes('/') && !mayName({ place, thing: visibility }))
    // One name may begin like another.
    .toSorted((a, b) => b.name.length - a.name.length)
  return hidden.reduce((masked, { name, replacement }) => {
    const inFolders = ['--', '___'].map((slash) => name.replace('/', slash))
    const forms = [...new Set([name, encodeURIComponent(name), ...inFolders])].map(escapeRegExp).join('|')
    return masked.replaceAll(new RegExp(`(/?)(?:${forms})(?![-.]?\\w)`, 'gi'), (_, slash: string) =>
      slash === '' ? replacement : `${slash}${hiddenInAddress}`,
    )
  }, text)
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

/**
 * What an outcome's texts may name, and who may know it: the recipe's dataset and its base model. The models that are made
 * have names that the workflow's own repository may know.
 */
export function namedIn(outcome: {
  readonly recipe: { readonly inputDataset: string; readonly inputModel: string } | null
  readonly datasetVisibility: Visibility
  readonly baseVisibility: Visibility
}): Named[] {
  const { recipe, datasetVisibility, baseVisibility } = outcome
  if (recipe === null) return []
  return [
    { name: recipe.inputDataset, visibility: datasetVisibility, replacement: 'the dataset' },
    { name: recipe.inputModel, visibility: baseVisibility, replacement: 'the base model' },
  ]
}
