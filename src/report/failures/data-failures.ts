import type { Failure } from './failure.ts'

const setColumns =
  "Set `column-mapping` to the names of the dataset's columns, as the viewer on its page shows them."

/**
 * Messages about the dataset: of AutoTrain, `datasets`, scikit-learn and Pillow.
 * https://github.com/huggingface/autotrain-advanced/tree/main/src/autotrain/preprocessor
 */
export const dataFailures: readonly Failure[] = [
  {
    pattern: /KeyError: 'label'/,
    cause:
      'the dataset has no column `label`. Images in folders have none when there is only one class folder, or when ' +
      'there are folders inside the class folders.',
    advice:
      'Put the images into at least two class folders, with no folders inside them. For other data: set ' +
      "`column-mapping` to the names of the dataset's columns.",
  },
  {
    pattern:
      /\bcolumn\W.{0,100}(?:not (?:found|in|present)|does not exist|doesn't exist)|KeyError: '(?!label')[\w .-]{1,100}'|\b\S{1,200} not in (?:train|valid) data\b/i,
    cause:
      'the dataset lacks a column named in `column-mapping`, or another name that the training looks up.',
    advice: setColumns,
  },
  {
    pattern: /Unknown split|Bad split|Invalid split/i,
    cause: 'the dataset lacks the split named in `train-split` or `valid-split`.',
    advice: 'Set them to splits that the dataset has, then run the workflow again.',
  },
  {
    pattern: /valid_data is None/,
    cause: 'a table is trained with a validation split only, and none was given.',
    advice:
      'Set `valid-split` to a split of the dataset, or put a `train.csv` at its top level, which AutoTrain splits.',
  },
  {
    pattern: /Number of classes in train and valid are not the same|should have the same subfolders/i,
    cause: 'the validation split has other classes than the training split.',
    advice: 'Give both splits examples of the same classes.',
  },
  {
    pattern: /Invalid number of classes|(?:at least|less than) (?:2|two) classes/i,
    cause: 'the labels have one class only, and a classifier needs at least two.',
    advice: 'Add examples of another class, or check the column that `target_column` names.',
  },
  {
    pattern: /The least populated class in y has only 1 member/i,
    cause: 'a class has only one row, so that it cannot be in both parts when AutoTrain sets a fifth aside.',
    advice: 'Add rows of that class, or give a validation split with `valid-split`.',
  },
  {
    pattern: /The test_size = \d+ should be greater or equal to the number of classes/i,
    cause: 'there are too few rows to set a fifth of them aside for the validation.',
    advice: 'Add rows, or give a validation split with `valid-split`.',
  },
  {
    pattern: /Input (?:\w+ )?contains NaN/i,
    cause: 'the label column has empty values.',
    advice: 'Fill them in, or remove their rows.',
  },
  {
    pattern: /Invalid string class label/i,
    cause: 'the validation split has a class that the training split lacks.',
    advice: 'Add examples of it to the training split, or remove it from the validation split.',
  },
  {
    pattern: /'Value' object has no attribute '(?:names|feature)'|is not a ClassLabel/i,
    cause: 'the label column has plain values, and AutoTrain needs a `ClassLabel` here.',
    advice:
      'For texts, put a `train.csv` or `train.jsonl` at the top level of the dataset, which AutoTrain converts. For ' +
      'images, use a folder for each class below `train/`. Or cast the column: ' +
      "`dataset.class_encode_column('label').push_to_hub(...)`.",
  },
  {
    pattern:
      /should contain at least \d+ (?:subfolders|jpeg)|should not contain any (?:other files|subfolders)/i,
    cause: 'the folders of images are not laid out as AutoTrain reads them.',
    advice:
      'Use at least two class folders with at least five `.jpg`, `.jpeg` or `.png` images each, and nothing else in them.',
  },
  {
    pattern: /UnidentifiedImageError|cannot identify image file|image file is truncated/i,
    cause: 'a file in the dataset is not a readable image.',
    advice:
      'Check the changed files for ones that are empty, truncated or in another format than their name says, and ' +
      'upload them again: the next commit trains again.',
  },
  {
    pattern: /ArrowInvalid|Error tokenizing data|JSON parse error|DatasetGenerationError|JSONDecodeError/,
    cause: 'a data file cannot be read: its lines do not have the same columns or types, or are not valid.',
    advice:
      'Check the changed files. The viewer on the page of the dataset shows whether `load_dataset` can read them.',
  },
]

/** The advice for a column of the recipe that a run did not find. */
export function missingColumn(column: string): Pick<Failure, 'cause' | 'advice'> {
  return { cause: `the dataset has no column ${column}, which \`column-mapping\` names.`, advice: setColumns }
}
