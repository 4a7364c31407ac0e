import { describe, expect, test } from '@jest/globals'
import { isPublished, treeDigest } from '../../src/publish/published-files.ts'

const includesCode = false

describe('What of a run is published', () => {
  test.each([
    'config.json',
    'model.safetensors',
    'model-00001-of-00002.safetensors',
    'pytorch_model.bin',
    'tokenizer.json',
    'onnx/model.onnx',
    'unet/diffusion_pytorch_model.safetensors',
    'scheduler/scheduler_config.json',
    'optimizer/config.json',
    'trainer_state.json',
    'docs/README.md',
    'data/training/labels.txt',
    'data/runs/labels.txt',
    'checkpoint-500',
    'training_params.json.md',
    'my_optimizer.pt',
  ])('%s is.', (path) => {
    expect(isPublished(path, { includesCode })).toBe(true)
  })

  test.each([
    'training/training/train.py',
    'training/config.json',
    'checkpoint-500/model.safetensors',
    'checkpoint-500/nested/model.safetensors',
    'out/checkpoint-best/model.safetensors',
    'runs/Nov26/events.out.tfevents.1',
    'training_params.json',
    'training_args.bin',
    'nested/training_args.bin',
    'optimizer.pt',
    'optimizer.bin',
    'state/optimizer_1.bin',
    'scheduler.pt',
    'scheduler.bin',
    'rng_state.pth',
    'rng_state_0.pth',
    'random_states_0.pkl',
    'global_step12/bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt',
    'README.md',
    '.gitattributes',
  ])('%s is not.', (path) => {
    expect(isPublished(path, { includesCode })).toBe(false)
  })

  test('With publish-code the code is, whatever its files are called, and nothing else more.', () => {
    const is = (path: string) => isPublished(path, { includesCode: true })
    expect(['training/training/train.py', 'training/runs/optimizer.pt'].map(is)).toEqual([true, true])
    expect(['runs/events', 'optimizer.pt', 'checkpoint-1/x', 'README.md'].map(is)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})

describe('The digest of a tree', () => {
  const files = [
    { path: 'b', content: '2' },
    { path: 'a', content: '1' },
  ]

  test('It is the same in any order, and without the card and .gitattributes.', () => {
    const others = [
      { path: 'README.md', content: '9' },
      { path: '.gitattributes', content: '8' },
    ]
    expect(treeDigest([...others, ...files.toReversed()])).toBe(treeDigest(files))
    expect(treeDigest(files)).toMatch(/^[0-9a-f]{64}$/)
  })

  test.each([
    [
      'another content',
      [
        { path: 'a', content: '1' },
        { path: 'b', content: '3' },
      ],
    ],
    [
      'another path',
      [
        { path: 'a', content: '1' },
        { path: 'c', content: '2' },
      ],
    ],
    ['a file less', [{ path: 'a', content: '1' }]],
    ['a card in a folder more', [...files, { path: 'docs/README.md', content: '9' }]],
  ])('It differs with %s.', (_, other) => {
    expect(treeDigest(other)).not.toBe(treeDigest(files))
  })
})
