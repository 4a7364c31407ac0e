import { expect, test } from '@jest/globals'
import {
  fitsPython,
  type PythonFit,
  pythonOfImage,
} from '../../../../src/trainers/script/header/python-version.ts'

test.each([
  ['ghcr.io/astral-sh/uv:0.13.9-python3.12-trixie', '3.12'],
  ['ghcr.io/astral-sh/uv:python3.11-bookworm-slim', '3.11'],
  ['python:3.12', '3.12'],
  ['python:3.12.4-slim', '3.12.4'],
  ['docker.io/library/python:3.13-alpine', '3.13'],
  ['localhost:5000/python:3.10', '3.10'],
  ['acme/train:cuda12-py3.11', '3.11'],
  ['python:3.12@sha256:abc', '3.12'],
  ['python:3', null],
  ['python:latest', null],
  ['python', null],
  ['huggingface/trl', null],
  ['pytorch/pytorch:2.6.0-cuda12.4', null],
  ['acme/python3.12:1.0', null],
])('The image %s has Python %s by its name.', (image, python) => {
  expect(pythonOfImage(image)).toBe(python)
})

test.each<[string, string, PythonFit]>([
  ['3.12', '>=3.12', 'fits'],
  ['3.12', '>=3.12.3', 'fits'],
  ['3.12', '==3.12.*', 'fits'],
  ['3.12', '~=3.12', 'fits'],
  ['3.12', '>=3.9,<3.13', 'fits'],
  ['3.12', '>=3.13', 'misfits'],
  ['3.12', '<3.12', 'misfits'],
  ['3.12', '==3.11.*', 'misfits'],
  ['3.9', '>=3.10', 'misfits'],
  ['3.12.4', '>=3.12.5', 'misfits'],
  ['3.12.4', '==3.12.4', 'fits'],
  ['3.12', '==3.12', 'patch'],
  ['3.12', '<3.12.5', 'patch'],
  ['>=3.11', '>=3.12', 'unknown'],
  ['pypy3.10', '>=3.12', 'unknown'],
  ['3', '>=3.12', 'unknown'],
])('Python %s beside requires-python %s: %s.', (python, requires, fit) => {
  expect(fitsPython({ python, requires })).toBe(fit)
})
