"""Loads a published model with transformers, and prints what it got as JSON: python load.py PUBLICATIONS

PUBLICATIONS is JSON: {"model": the stable one, "publications": [{"run", "commit", "tag"}, ...]}, the oldest first.
"""

import json
import sys

import torch
from transformers import AutoModelForSequenceClassification

given = json.loads(sys.argv[1])
model = given["model"]
incomplete = []


def load(repo, **options):
    """The weights by their names."""
    loaded, info = AutoModelForSequenceClassification.from_pretrained(repo, output_loading_info=True, **options)
    incomplete.extend(f"{repo}: {name} {keys}" for name, keys in info.items() if keys)
    return loaded.state_dict()


def same(one, other):
    """Whether two models have the same weights, to the last bit."""
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


runs = [load(publication["run"]) for publication in given["publications"]]
tagged = [load(model, revision=publication["tag"]) for publication in given["publications"]]
main = load(model)
print(
    json.dumps(
        {
            "each tag has the weights of its run": all(same(run, tag) for run, tag in zip(runs, tagged)),
            "main has the weights of the newest run": same(main, runs[-1]),
            "two runs have the same weights": any(same(one, other) for one, other in zip(runs, runs[1:])),
            "missing, unexpected or of another size": incomplete,
        }
    )
)
