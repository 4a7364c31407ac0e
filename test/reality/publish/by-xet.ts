import { startStage } from '../../e2e/stage/stage.ts'
import { jobScript } from '../../e2e/stage/trainings.ts'
import { names } from '../../sandbox/world.ts'
import type { Check } from '../lane.ts'
import { jobsWith, loaded, logOf, shown, stableOf, whole, withResults } from './expected.ts'
import {
  findPythons,
  publicationOf,
  readBack,
  readsByXet,
  scriptCommand,
  transfersTo,
} from './publications.ts'

/** What the Trainer leaves in its folder beside the model; an optimizer's state is in the checkpoint. */
const ofTrainer = ['checkpoint-2/', 'training_args.bin']

/** Two trainings push with the Hub's newest client, as it does it by itself: by Xet. The Hub copies what is published. */
export const byXet: Check = {
  name: 'publish: two models that the newest client pushed',
  group: 'publish',
  needs: ['python'],
  answers: {
    first: { verdict: 'succeeded', published: 'true', baseline: '' },
    second: { verdict: 'succeeded', published: 'true', baseline: '0.51' },
    'to the run': { 'by Xet': true, 'by plain LFS': 0, copied: 0 },
    'to the stable model': { 'by Xet': 0, 'by plain LFS': 0, copied: 2 },
    'reads by Xet': true,
    client: {
      private: true,
      tags: 2,
      'main is the newest': true,
      commits: 3,
      publications: {
        0: whole(ofTrainer, ['config.json', 'model.safetensors', 'trainer_state.json']),
        1: whole(ofTrainer, ['config.json', 'model.safetensors', 'trainer_state.json']),
      },
      card: {
        datasets: ['acme/xet'],
        'base model': names.model,
        license: 'mit',
        tags: ['tiny'],
        results: /^text-classification acme\/xet [0-9a-f]{40} accuracy 0\.52\n.+ train_loss 0\.\d+$/,
        'names its tag': true,
        warnings: [],
      },
    },
    transformers: loaded,
  },
  async observe(tools) {
    const pythons = await findPythons(tools)
    const stage = await startStage({ hub: { jobs: jobsWith(pythons.transformers) } })
    try {
      const subject = stage.case({ name: 'xet' })
      const stable = stableOf(subject)
      const train = async (seed: string) => {
        const command = [
          scriptCommand(pythons.transformers, 'train.py', '/tmp/out', seed),
          scriptCommand(pythons.newest, 'push.py', '/tmp/out'),
        ].join(' && ')
        const inputs = {
          task: 'text-classification',
          'column-mapping': '{text_column: text, target_column: target}',
          discussion: 'off',
          'publish-to': stable,
          'compare-metric': 'eval_accuracy',
        }
        const run = await subject.manual(jobScript(command, inputs))
        return { run, publication: publicationOf(run, subject.head()) }
      }
      const first = await train('1')
      subject.commit()
      const second = await train('2')
      const publications = { model: stable, publications: [first.publication, second.publication] }
      const back = await readBack(stage.hub, { pythons, publications })
      const toRun = transfersTo(stage.hub, first.publication.run)
      return {
        seen: {
          first: shown(first.run),
          second: shown(second.run),
          'to the run': { ...toRun, 'by Xet': Number(toRun['by Xet']) > 0 },
          'to the stable model': transfersTo(stage.hub, stable),
          'reads by Xet': readsByXet(stage.hub) > 0,
          ...withResults(back),
        },
        against: pythons.against,
        log: logOf([first.run, second.run]),
      }
    } finally {
      await stage.close()
    }
  },
}
