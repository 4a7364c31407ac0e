import { describe, expect, test } from '@jest/globals'
import { programLine } from '../../../src/domain/log/program-text.ts'

const error = 'ValueError: bad'

describe('Before an error', () => {
  test.each([
    ['the rank that torch names', '[rank0]: '],
    ['the rank with a space', '[rank 3]: '],
    ['the rank without a colon', '[Rank 3] '],
    ['the rank without brackets', 'rank0: '],
    ['the rank that torchrun names', '[default0]:'],
    ['the number of a process', '[0]:'],
    ['the number that srun -l writes', '12: '],
    ['the role that torchrun names', '[trainer2]:'],
    ['the number of a process without a colon', '[0] '],
    ['a process of foreman', '10:00:00 train.1  | '],
    ['what mpirun --tag-output writes', '[1,0]<stderr>:'],
    ['a worker of Ray', '(RayTrainWorker pid=123, ip=10.0.0.4) '],
    ['a function of Ray', '(train_fn pid=123) '],
    ['a container of docker compose', 'worker-0  | '],
    ['a container of docker compose, version 1', 'train_1    | '],
    ['a pod of Kubernetes', '[pod/train-worker-0/main] '],
    ['the time of a container', '2026-11-26T10:00:00.123456789Z '],
    ['a time with a zone', '2026-11-26 10:00:00+00:00 '],
    ['a time in brackets', '[2026-11-26 10:00:00,123] '],
    ['a short time in brackets', '[10:00:00] '],
    ['the bar of tee', '| '],
    ['the line of a box', '│ '],
    ['a heavy line', '┃ '],
    ['the bar of a group of exceptions, deep inside', '        | '],
    ['a rank, a time and a box', '[rank1]: 2026-11-26 10:00:00 │ '],
    ['a host of pdsh', 'worker-0: '],
    ['a padded task of srun', ' 3: '],
    ['a rank of torchrun and its attempt', '[trainer3|0]:'],
    ['a time and a stream of Kubernetes', '2026-11-26T10:00:00.123456789Z stderr F '],
    ['a time of the scripts of transformers', '11/26/2026 10:00:00 - '],
    ["a line of the system's log", 'Nov 26 10:00:00 box python[123]: '],
    ['a container and a rank', 'worker-0 | [rank0]: '],
  ])('%s is taken away.', (_title, prefix) => {
    expect(programLine(`${prefix}${error}`).text).toBe(error)
  })

  test('a progress bar that has not ended its line is taken away.', () => {
    expect(programLine(` 11%|█ | 1/9 [00:00<00:01,  8.01it/s, loss=0.4]${error}`).text).toBe(error)
  })
})

describe('Text that only looks like a prefix stays:', () => {
  test.each([
    '[1] https://huggingface.co/docs',
    '[ERROR] no data',
    '[1] 12345',
    '[step 3]: saved',
    'ranking: 3 models',
    'rank: 16',
    '3:45 left',
    '(loss) went up',
    'INFO     | 2026-11-26 03:21:48 | autotrain.parser:run:229 - Job ID: 1',
    'a|b',
    'layer | size',
    '2026-11-26 is a day',
    '+ python train.py',
    'x = {a | b}',
  ])('%s', (line) => {
    expect(programLine(line).text).toBe(line)
  })

  test('and so does the indentation behind a prefix.', () => {
    expect(programLine('[rank0]:   File "train.py", line 1').text).toBe('  File "train.py", line 1')
  })
})

test('The processes of one launcher have different sources, whatever the time of a line is', () => {
  const sources = ['[rank0]: a', '[rank1]: a', '[rank0]: 2026-11-26 10:00:01 b', 'c'].map(
    (line) => programLine(line).source,
  )
  expect(sources).toEqual(['[rank0]: ', '[rank1]: ', '[rank0]: ', ''])
})
