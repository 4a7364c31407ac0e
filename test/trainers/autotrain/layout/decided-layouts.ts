import { hub, type LayoutCase, llm, mounted, refused, rows, text, valid } from './cases.ts'

/** Layouts that the card, a script or `save_to_disk` decides. */
export const decidedLayouts: readonly LayoutCase[] = rows([
  [
    'Parquet as push_to_hub writes it, with the card',
    ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'],
    text,
    mounted('none'),
    'configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*\n',
  ],
  [
    'a validation split that only the card names',
    ['a/1.parquet', 'b/2.parquet'],
    { ...text, ...valid('holdout') },
    mounted('split'),
    'configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: a/*\n  - split: holdout\n    path: b/*\n',
  ],
  [
    'a validation split that the card does not name',
    ['data/train.parquet', 'data/test.parquet'],
    { ...text, ...valid('test') },
    refused(/^valid-split: the dataset has no split test, but train, by the configs of its card/),
    'configs:\n- config_name: default\n  data_files: data/train.parquet\n',
  ],
  [
    'two configurations without a default',
    ['en.parquet', 'de.parquet'],
    text,
    refused(
      /^train-split: the dataset card has 2 configurations \("en", "de"\) and no default.*such as en:train\.$/,
    ),
    'configs:\n- config_name: en\n  data_files: en.parquet\n- config_name: de\n  data_files: de.parquet\n',
  ],
  [
    'two configurations, one of which is the default',
    ['en.parquet', 'de.parquet'],
    text,
    mounted('none'),
    'configs:\n- config_name: en\n  data_files: en.parquet\n  default: true\n- config_name: de\n  data_files: de.parquet\n',
  ],
  [
    'two configurations, one of which is called default',
    ['en.parquet', 'de.parquet'],
    text,
    mounted('none'),
    'configs:\n- config_name: default\n  data_files: en.parquet\n- config_name: de\n  data_files: de.parquet\n',
  ],
  [
    'one of two configurations',
    ['en.parquet', 'de.parquet'],
    { ...text, trainSplit: 'de:train' },
    mounted('none'),
    'configs:\n- config_name: en\n  data_files: en.parquet\n- config_name: de\n  data_files: de.parquet\n',
  ],
  [
    'one of two configurations, validated on a split that names none',
    ['en/train.parquet', 'en/test.parquet', 'de/train.parquet'],
    { ...text, trainSplit: 'en:train', ...valid('test') },
    refused(/^valid-split: the dataset card has 2 configurations.*such as en:test\.$/),
    'configs:\n- config_name: en\n  data_dir: en\n- config_name: de\n  data_dir: de\n',
  ],
  [
    'a configuration that the card does not name',
    ['en.parquet', 'de.parquet'],
    { ...text, trainSplit: 'fr:train' },
    refused(/^train-split: the dataset card names no configuration fr but "en", "de"/),
    'configs:\n- config_name: en\n  data_files: en.parquet\n- config_name: de\n  data_files: de.parquet\n',
  ],
  [
    'a card that names files that are not there',
    ['data/train.parquet'],
    text,
    refused(/no file that AutoTrain reads as data/),
    'configs:\n- config_name: default\n  data_files: rows/*.parquet\n',
  ],
  ['a card with configs of another form', ['data/train.parquet'], text, mounted('none'), 'configs: yes\n'],
  [
    'what save_to_disk writes',
    ['state.json', 'dataset_info.json', 'data-00000-of-00001.arrow'],
    text,
    refused(/^input-dataset: the dataset was written by save_to_disk/),
  ],
  [
    'splits that save_to_disk writes',
    [
      'dataset_dict.json',
      ...['state.json', 'dataset_info.json', 'data-00000-of-00001.arrow'].map((name) => `train/${name}`),
      ...['state.json', 'dataset_info.json', 'data-00000-of-00001.arrow'].map((name) => `test/${name}`),
    ],
    llm,
    refused(/^input-dataset: the dataset was written by save_to_disk/),
  ],
  [
    'what save_to_disk writes of many rows, which the library reads from the Hub',
    [
      'state.json',
      'dataset_info.json',
      ...Array.from({ length: 3 }, (_, n) => `data-0000${n}-of-00003.arrow`),
    ],
    llm,
    hub(/no tables/),
  ],
  ['a script of the name of the dataset', ['digits.py', 'data/train.parquet'], text, hub(/Python script/)],
  ['a script of another name', ['convert.py', 'data/train.parquet'], text, mounted('none')],
  ['a script, which may make classes of a csv', ['digits.py', 'data.csv'], text, hub(/Python script/)],
  ['classes by .huggingface.yaml', ['.huggingface.yaml', 'data.csv'], text, mounted('none')],
  ['classes by dataset_infos.json', ['dataset_infos.json', 'data.jsonl'], text, mounted('none')],
])
