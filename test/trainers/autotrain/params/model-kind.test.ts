import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Recipe } from '../../../../src/domain/recipe.ts'
import { type Task, taskNames } from '../../../../src/domain/tasks.ts'
import { modelKindCheck } from '../../../../src/trainers/autotrain/params/model-kind.ts'
import { recipe } from '../../order.ts'

const resnet = { model_type: 'resnet', architectures: ['ResNetForImageClassification'] }
const bert = { model_type: 'bert', architectures: ['BertForMaskedLM'] }

function look(
  task: Task,
  config: unknown,
  options: { change?: Partial<Recipe>; files?: readonly string[] } = {},
) {
  return modelKindCheck({
    recipe: recipe({ task, inputModel: 'ann/base', ...options.change }),
    config,
    files: options.files ?? null,
  })
}

describe('A base model of another kind is refused:', () => {
  test.each<[string, Task, object, string]>([
    ['a text model for images', 'image-classification', bert, 'bert (BertForMaskedLM)'],
    ['a text model for scores of images', 'image-regression', { model_type: 'gpt2' }, 'gpt2'],
    ['an image model for text', 'text-classification', resnet, 'resnet (ResNetForImageClassification)'],
    ['an image model for pairs of sentences', 'sentence-transformers:pair', resnet, 'resnet (ResNet'],
    ['a classifier of images for objects', 'image-object-detection', { model_type: 'vit' }, 'vit'],
    ['a detector for classes', 'image-classification', { model_type: 'detr' }, 'detr'],
    ['a model of masks for texts to texts', 'seq2seq', bert, 'bert'],
    ['a model of speech for tokens', 'token-classification', { model_type: 'wav2vec2' }, 'wav2vec2'],
    ['an image model as a language model', 'llm-sft', resnet, 'resnet'],
    ['an encoder-decoder as a language model', 'llm-dpo', { model_type: 't5' }, 't5'],
    [
      'a language model for images with text',
      'vlm:vqa',
      { model_type: 'llama', architectures: ['LlamaForCausalLM'] },
      'LlamaForCausalLM',
    ],
  ])('%s.', (_title, task, config, name) => {
    const check = look(task, config)
    expect(check).toMatchObject({ id: 'base-model-kind', verdict: 'refused' })
    expect(check?.advice).toContain(`input-model: ann/base is a ${name}`)
    expect(check?.advice).toMatch(/: choose a base model for it, such as [\w/.-]+\.$/)
  })

  test('and only worth a look where the recipe has an image with another transformers.', () => {
    expect(look('image-classification', bert, { change: { image: 'acme/autotrain' } })?.verdict).toBe(
      'warned',
    )
  })
})

describe('A base model of the right kind passes:', () => {
  test.each<[Task, object]>([
    ['image-classification', resnet],
    ['image-regression', { model_type: 'vit' }],
    ['image-object-detection', { model_type: 'detr' }],
    ['text-classification', bert],
    ['text-regression', { model_type: 'distilbert' }],
    ['token-classification', { model_type: 'roberta' }],
    ['seq2seq', { model_type: 't5' }],
    ['llm-sft', { model_type: 'llama' }],
    ['llm-reward', { model_type: 'gpt2' }],
    ['llm-orpo', { model_type: 'mistral' }],
    ['sentence-transformers:pair', bert],
    ['sentence-transformers:triplet', { model_type: 'clip' }],
    ['vlm:vqa', { model_type: 'paligemma', architectures: ['PaliGemmaForConditionalGeneration'] }],
  ])('%s with %j.', (task, config) => {
    expect(look(task, config, { files: ['config.json', 'model.safetensors'] })?.verdict).toBe('passed')
  })
})

describe('What cannot be known is unknown, and refuses nothing:', () => {
  test.each<[string, unknown]>([
    ['no config', null],
    ['a config that is no map', ['bert']],
    ['a config without a model type', { num_labels: 3 }],
    ['a model type that is no text', { model_type: 5 }],
    ['a model type that is newer', { model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'] }],
  ])('%s.', (_title, config) => {
    for (const task of taskNames.filter((name) => !name.startsWith('tabular'))) {
      const check = look(task, config)
      if (task.startsWith('vlm:') && JSON.stringify(config).includes('Qwen3')) continue
      expect([task, check?.verdict]).toEqual([task, 'unknown'])
    }
  })

  test('A newer model type is named, with what to do if it fails.', () => {
    expect(look('llm-sft', { model_type: 'qwen3' })?.advice).toMatch(
      /^transformers 4\.48, which AutoTrain 0\.8\.36 pins, does not know the model type qwen3: choose an older model/,
    )
  })
})

describe('Where AutoTrain fine-tunes no model of the Hub, nothing is checked:', () => {
  test('a table.', () => expect(look('tabular-classification', bert)).toBeNull())
  test.each(['job', 'command'] as const)('the trainer %s.', (trainer) => {
    expect(look('image-classification', bert, { change: { trainer } })).toBeNull()
  })
})

describe('A repository without a whole model is refused:', () => {
  test.each<[string, readonly string[]]>([
    ['has only an adapter (PEFT)', ['adapter_config.json', 'adapter_model.safetensors']],
    ['has only GGUF files', ['README.md', 'model-q4.gguf']],
    ['is a pipeline of diffusers', ['model_index.json', 'unet/config.json']],
    ['has no config.json', ['README.md']],
  ])('it %s.', (what, files) => {
    const check = look('llm-sft', null, { files })
    expect(check?.verdict).toBe('refused')
    expect(check?.advice).toContain(`input-model: ann/base ${what}, and AutoTrain needs a whole model`)
  })

  test('its weights are only for inference.', () => {
    const check = look('llm-sft', { model_type: 'llama' }, { files: ['config.json', 'model.gguf'] })
    expect(check?.advice).toMatch(/^input-model: ann\/base has its weights only in a format for inference/)
  })

  test('but not one whose config could not be read.', () => {
    expect(look('llm-sft', null, { files: ['config.json'] })?.verdict).toBe('unknown')
  })
})

describe('A model with its own code', () => {
  const own = (classes: readonly string[], type = 'my_model') => ({
    model_type: type,
    auto_map: Object.fromEntries(classes.map((name) => [name, `code.${name}`])),
  })

  test('is a warning: AutoTrain runs that code.', () => {
    const check = look('image-classification', own(['AutoConfig', 'AutoModelForImageClassification']))
    expect(check).toMatchObject({ verdict: 'warned', found: 'brings its own code' })
    expect(check?.advice).toMatch(/AutoTrain runs in the Job with hf-token/)
  })

  test.each<Task>(['text-classification', 'token-classification'])(
    'is refused for %s, where AutoTrain does not run it.',
    (task) => {
      expect(look(task, own(['AutoConfig', 'AutoModel']))?.advice).toMatch(/which AutoTrain does not run/)
    },
  )

  test('is refused where neither the code nor transformers has the class for the task.', () => {
    expect(look('seq2seq', own(['AutoModel'], 'bert'))?.advice).toMatch(/have no AutoModelForSeq2SeqLM/)
  })

  test('passes where transformers has the class itself.', () => {
    expect(look('text-classification', own(['AutoModel'], 'bert'))?.verdict).toBe('passed')
  })
})

test('Any config.json at all is judged.', () => {
  const config = fc.oneof(
    fc.jsonValue(),
    fc.record({
      model_type: fc.oneof(fc.jsonValue(), fc.constantFrom('bert', 'resnet')),
      architectures: fc.jsonValue(),
      auto_map: fc.jsonValue(),
    }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...taskNames), config, (task, given) => {
      const check = look(task, given)
      if (check?.verdict === 'refused') expect(check.advice).toMatch(/^input-model: /)
    }),
    { numRuns: 500 },
  )
})
