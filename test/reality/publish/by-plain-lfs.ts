import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ActionRun } from '../../e2e/stage/action-run.ts'
import { type Case, type Stage, startStage } from '../../e2e/stage/stage.ts'
import { makeLab } from '../autotrain/trainings.ts'
import type { Check } from '../lane.ts'
import { jobsWith, loaded, logOf, shown, stableOf, whole, withResults } from './expected.ts'
import { findPythons, publicationOf, readBack, readsByXet, transfersTo } from './publications.ts'

/** The newest Job's model is AutoTrain's own: its client has no Xet, so that the runner streams what is published. */
export const byPlainLfs: Check = {
  name: 'publish: a model that AutoTrain pushed',
  group: 'publish',
  needs: ['python'],
  answers: {
    run: { verdict: 'succeeded', published: 'true', baseline: '' },
    'says why it streams': true,
    'to the run': { 'by Xet': 0, 'by plain LFS': true, copied: 0 },
    'to the stable model': { 'by Xet': 0, 'by plain LFS': true, copied: 0 },
    'reads by Xet': false,
    client: {
      private: true,
      tags: 1,
      'main is the newest': true,
      commits: 2,
      publications: {
        0: whole(
          ['checkpoint-6/', 'runs/', 'training_args.bin', 'training_params.json'],
          [
            'config.json',
            'model.safetensors',
            'special_tokens_map.json',
            'tokenizer.json',
            'tokenizer_config.json',
            'vocab.txt',
          ],
        ),
      },
      card: { datasets: ['acme/plain'], 'base model': 'acme/tiny-bert', 'names its tag': true, warnings: [] },
    },
    transformers: loaded,
  },
  async observe(tools) {
    const pythons = await findPythons(tools)
    const lab = await makeLab(tools, pythons.transformers)
    const stage = await startStage({ hub: { jobs: jobsWith(pythons.transformers) } })
    try {
      const run = await trainWithAutotrain(stage, lab)
      const { subject, ended } = run
      const stable = stableOf(subject)
      const publication = publicationOf(ended, subject.head())
      const publications = { model: stable, publications: [publication] }
      const back = await readBack(stage.hub, { pythons, publications })
      const used = (transfers: Record<string, number>) => ({
        ...transfers,
        'by plain LFS': Number(transfers['by plain LFS']) > 0,
      })
      return {
        seen: {
          run: shown(ended),
          'says why it streams': ended.step.log.some((line) => line.includes('came from an old client')),
          'to the run': used(transfersTo(stage.hub, publication.run)),
          'to the stable model': used(transfersTo(stage.hub, stable)),
          'reads by Xet': readsByXet(stage.hub) > 0,
          ...withResults(back),
        },
        against: pythons.against,
        log: logOf([ended]),
      }
    } finally {
      await stage.close()
    }
  },
}

async function trainWithAutotrain(stage: Stage, lab: string): Promise<{ subject: Case; ended: ActionRun }> {
  const base = 'acme/tiny-bert'
  const baseFiles = [
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
    'vocab.txt',
  ]
  const read = (name: string) => readFileSync(join(lab, 'models/tiny-bert', name))
  stage.hub.createModel({
    name: base,
    private: false,
    files: Object.fromEntries(baseFiles.map((name) => [name, read(name)])),
  })
  const rows = readFileSync(join(lab, 'data/text/train.csv'), 'utf8')
  const subject = stage.case({ name: 'plain', files: { 'train.csv': rows } })
  const ended = await subject.manual({
    trainer: 'autotrain',
    task: 'text-classification',
    'input-model': base,
    'column-mapping': '{text_column: text, target_column: target}',
    params: '{epochs: 1, batch_size: 8, lr: 0.001}',
    discussion: 'off',
    'publish-to': stableOf(subject),
    'compare-metric': 'eval_accuracy',
  })
  return { subject, ended }
}
