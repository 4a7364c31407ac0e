import type { Failure } from './failure.ts'

/** The models for tables of which AutoTrain can train at least the first with the versions in its image. */
const tableModels =
  '`random_forest`, `extra_trees`, `logistic_regression`, `gradient_boosting`, `adaboost`, `ridge`, `svm`, ' +
  '`decision_tree`, `naive_bayes` or `knn`'

const ownScript = 'Use `trainer: job` or `trainer: command` with a script of your own.'

/**
 * Messages about the model, the parameters and the versions of packages: of AutoTrain 0.8.36, transformers, pydantic and
 * Python. https://github.com/huggingface/autotrain-advanced/blob/main/requirements.txt
 */
export const trainerFailures: readonly Failure[] = [
  {
    pattern: /Unrecognized configuration class .{1,300} for this kind of AutoModel/is,
    cause: '`input-model` is not a model for this task.',
    advice:
      'Choose a base model of the kind that `task` trains: its page on the Hub names its task or architecture.',
  },
  {
    pattern: /\b\d+ validation errors? for \w+Params\b/,
    cause: 'a value in `params` has the wrong type. The message names the parameter and what it takes.',
    advice: 'Correct that value in `params`, then run the workflow again.',
  },
  {
    pattern: /is not a valid OptimizerNames/,
    cause: '`optimizer` in `params` is not the name of an optimizer.',
    advice: 'Set `optimizer` to one of the names in the message, such as `adamw_torch`.',
  },
  {
    pattern: /is not a valid SchedulerType/,
    cause: '`scheduler` in `params` is not the name of a scheduler.',
    advice: 'Set `scheduler` to one of the names in the message, such as `linear`.',
  },
  {
    pattern: /is not a valid (?:Interval|Eval|Save|Hub)\w*Strategy/,
    cause: 'a strategy in `params`, such as `eval_strategy`, has a name that does not exist.',
    advice: 'Set it to one of the names in the message, such as `epoch`.',
  },
  {
    pattern: /ValueError: Invalid model$/m,
    cause: '`input-model` is not the name of a model for tables.',
    advice: `Set \`input-model\` to one of ${tableModels}.`,
  },
  {
    pattern: /__sklearn_tags__/,
    cause:
      'AutoTrain cannot train `xgboost`: its image has versions of scikit-learn and xgboost that do not fit.',
    advice: `Set \`input-model\` to one of ${tableModels}, with whole numbers as labels.`,
  },
  {
    pattern: /unexpected keyword argument 'squared'/,
    cause:
      'AutoTrain cannot train `tabular-regression`: it calls scikit-learn in a way that the version in its image refuses.',
    advice: ownScript,
  },
  {
    pattern: /Unknown label type/,
    cause: 'the labels of the table are not whole numbers.',
    advice: 'Write the labels as 0, 1, 2... in the column that `target_columns` names.',
  },
  {
    pattern: /cannot import name 'load_metric'/,
    cause:
      'AutoTrain cannot train `extractive-question-answering`: it imports what the version of datasets in its image lacks.',
    advice: ownScript,
  },
  {
    pattern: /ModuleNotFoundError|ImportError: cannot import(?! name 'load_metric')/i,
    cause: 'a Python package is missing, or has another version than the script expects.',
    advice: 'Install it in `command`, or use an `image` that has it.',
  },
]
