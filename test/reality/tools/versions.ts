/** The Python environments of the lane. */
export type PythonSet = 'autotrain' | 'huggingface_hub' | 'zizmor'

/** The Go programs of the lane. */
export type GoProgram = 'act' | 'actionlint'

/** What the lane installs. */
export interface Versions {
  /** Part of every folder's name: the newest versions of another day are other versions. */
  readonly stamp: string
  readonly uv: string
  readonly python: Readonly<
    Record<PythonSet, { requirements: readonly string[]; pythons: readonly string[] }>
  >
  readonly go: Readonly<Record<GoProgram, { module: string; version: string }>>
}

/** AutoTrain's image has Python 3.10: https://github.com/huggingface/autotrain-advanced/blob/main/Dockerfile */
const autotrainPythons = ['3.11', '3.10']
const anyPython = ['3.11', '3.12', '3.13', '3.10']

/** The versions that the known answers were found with. */
const pinned: Versions = {
  stamp: 'pinned',
  uv: 'uv==0.13.9',
  python: {
    autotrain: {
      // AutoTrain names neither torch's newest version nor setuptools, which its dependencies import.
      requirements: [
        'autotrain-advanced==0.8.36',
        'torch==2.5.1',
        'torchvision==0.20.1',
        'setuptools<80',
        'numpy<2.2',
      ],
      pythons: autotrainPythons,
    },
    huggingface_hub: { requirements: ['huggingface_hub==2.4.0'], pythons: anyPython },
    zizmor: { requirements: ['zizmor==1.32.0'], pythons: anyPython },
  },
  go: {
    act: { module: 'github.com/nektos/act', version: 'v0.2.89' },
    actionlint: { module: 'github.com/rhysd/actionlint/cmd/actionlint', version: 'v1.7.12' },
  },
}

/** `torch==2.5.1` is `torch`; a limit such as `numpy<2.2` stays. */
const unpinned = (requirement: string) => requirement.replace(/==.*$/, '')

/**
 * @param options.newest the newest versions in place of those that the answers were found with
 * @param options.day the date, for example `2026-11-26`: the newest versions are installed once a day
 */
export function versionsFor(options: { newest: boolean; day: string }): Versions {
  if (!options.newest) return pinned
  const { python, go } = pinned
  const newestOf = (set: PythonSet) => ({
    ...python[set],
    requirements: python[set].requirements.map(unpinned),
  })
  return {
    stamp: `newest-${options.day}`,
    uv: unpinned(pinned.uv),
    python: {
      autotrain: newestOf('autotrain'),
      huggingface_hub: newestOf('huggingface_hub'),
      zizmor: newestOf('zizmor'),
    },
    go: {
      act: { ...go.act, version: 'latest' },
      actionlint: { ...go.actionlint, version: 'latest' },
    },
  }
}
