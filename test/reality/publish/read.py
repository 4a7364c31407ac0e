"""Reads a published model with the Hub's own client, and prints what it got as JSON: python read.py PUBLICATIONS

PUBLICATIONS is JSON: {"model": the stable one, "publications": [{"run", "commit", "tag"}, ...]}, the oldest first.
"""

import hashlib
import json
import logging
import pathlib
import sys
import tempfile
import warnings

from huggingface_hub import HfApi, ModelCard, hf_hub_download, snapshot_download
from huggingface_hub.hf_api import RepoFile

given = json.loads(sys.argv[1])
model = given["model"]
own = ("README.md", ".gitattributes")
api = HfApi()


def contents(repo, revision=None):
    """The ids of all files but those that every repository has for itself."""
    entries = api.list_repo_tree(repo, revision=revision, recursive=True)
    files = [entry for entry in entries if isinstance(entry, RepoFile) and entry.path not in own]
    return {file.path: file.lfs.sha256 if file.lfs else file.blob_id for file in files}


def id_on_disk(path, listed):
    """The id of a downloaded file, of the same kind as the listed one."""
    content = path.read_bytes()
    if len(listed) == 64:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


def at_the_top(path):
    """A file at the top, or the folder there that a file is in."""
    first, *rest = path.split("/")
    return f"{first}/" if rest else first


def read(publication):
    """What one publication left, loaded by its tag."""
    tag, run = publication["tag"], contents(publication["run"])
    published = contents(model, tag)
    folder = pathlib.Path(snapshot_download(model, revision=tag))
    weights = hf_hub_download(model, "model.safetensors", revision=tag, local_dir=tempfile.mkdtemp(dir="."))
    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return {
        "the tag points at it": tags.get(tag) == publication["commit"],
        "files": sorted(published),
        "left out": sorted({at_the_top(path) for path in set(run) - set(published)}),
        "contents are those of the run": all(run.get(path) == content for path, content in published.items()),
        "downloaded the same": sorted(on_disk - set(own)) == sorted(published)
        and all(id_on_disk(folder / path, content) == content for path, content in published.items()),
        "the weights alone": id_on_disk(pathlib.Path(weights), "0" * 64) == published["model.safetensors"],
    }


class Heard(logging.Handler):
    """Keeps what the client warns of."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def read_card():
    """The card, as the client understands it, and every warning."""
    heard = Heard()
    logging.getLogger("huggingface_hub").addHandler(heard)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        card = ModelCard.load(model)
        card.validate(repo_type="model")
    results = [
        [result.task_type, result.dataset_type, result.dataset_revision, result.metric_type, result.metric_value]
        for result in card.data.eval_results or []
    ]
    return {
        "datasets": card.data.datasets,
        "base model": card.data.base_model,
        "license": card.data.license,
        "tags": card.data.tags,
        "results": results,
        "names its tag": f'revision="{given["publications"][-1]["tag"]}"' in card.text,
        "warnings": heard.lines + [str(warning.message) for warning in caught],
    }


tags = {tag.name: tag.target_commit for tag in api.list_repo_refs(model).tags}
info = api.model_info(model)
newest = given["publications"][-1]
seen = {
    "private": info.private,
    "tags": len(tags),
    "main is the newest": info.sha == newest["commit"] and contents(model) == contents(model, newest["tag"]),
    "commits": len(list(api.list_repo_commits(model))),
    "publications": [read(publication) for publication in given["publications"]],
    "card": read_card(),
}
print(json.dumps(seen))
