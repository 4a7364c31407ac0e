export const secret = 'correct-horse-battery-staple'
export const dataset = 'acme/digits'
export const oldSha = 'a'.repeat(40)
export const newSha = 'b'.repeat(40)

interface EventChange {
  event?: Record<string, unknown>
  repo?: Record<string, unknown>
  webhook?: unknown
  updatedRefs?: unknown
  [other: string]: unknown
}

/** The Hub's payload (v3) for a commit on main of `acme/digits`, with changes. */
export function hubEvent(change: EventChange = {}): Record<string, unknown> {
  const { event, repo, ...rest } = change
  return {
    event: { action: 'update', scope: 'repo.content', ...event },
    repo: {
      type: 'dataset',
      name: dataset,
      id: '6366c000a2abcdf2fd69a080',
      private: false,
      url: {
        web: `https://huggingface.co/datasets/${dataset}`,
        api: `https://huggingface.co/api/datasets/${dataset}`,
      },
      owner: { id: '61d2c000a2abcdf2fd69a080' },
      headSha: newSha,
      tags: [],
      ...repo,
    },
    webhook: { id: '6390e855e30d9209411de93b', version: 3 },
    updatedRefs: [{ ref: 'refs/heads/main', oldSha, newSha }],
    ...rest,
  }
}
