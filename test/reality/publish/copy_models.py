"""Copies models with the Hub's own client, and prints what it got as JSON: python copy_models.py TARGET_FOLDER

The Hub has acme/stuck, one of whose files it does not copy, acme/old, pushed by an old client, and acme/far, in another region.
"""

import json
import pathlib
import sys

from huggingface_hub import HfApi
from huggingface_hub.hf_api import RepoFile

folder = pathlib.Path(sys.argv[1]) / "run"
api = HfApi()


def contents(repo):
    """The ids of all files by their paths."""
    entries = api.list_repo_tree(repo, recursive=True)
    return {entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id for entry in entries if isinstance(entry, RepoFile)}


def refusal(work):
    """The class of the error that some work ends in, and its first and its last line."""
    try:
        work()
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        return {"class": type(error).__name__, "first": lines[0], "last": lines[-1]}
    return {"class": "none", "first": "", "last": ""}


def copy(source, target):
    """Copies a whole model, as one does by hand."""
    api.create_repo(target, private=True, exist_ok=True)
    api.copy_files(f"hf://{source}/", f"hf://{target}/")


(folder / "onnx").mkdir(parents=True)
(folder / "config.json").write_text('{"model_type": "bert"}')
(folder / "model.safetensors").write_bytes(bytes(range(256)) * 4000)
(folder / "onnx/model.onnx").write_bytes(bytes(reversed(range(256))) * 4000)
api.create_repo("acme/run", private=True)
pushed = api.upload_folder(repo_id="acme/run", folder_path=folder)
copy("acme/run", "acme/theirs")

reads_only = HfApi(token="hf_read")
seen = {
    "the copy is the same": contents("acme/run") == contents("acme/theirs"),
    "a file that the Hub does not copy": refusal(lambda: copy("acme/stuck", "acme/none")),
    "a file without a hash of Xet": refusal(lambda: copy("acme/old", "acme/none")),
    "another region": refusal(lambda: copy("acme/run", "acme/far")),
    "a target that the token may not write": refusal(
        lambda: reads_only.copy_files("hf://acme/run/", "hf://acme/theirs/")
    ),
    "what is left of them": sorted(set(contents("acme/none")) | set(contents("acme/far"))),
    "may write": refusal(lambda: api.auth_check("acme/theirs", write=True))["class"],
    "may only read": refusal(lambda: reads_only.auth_check("acme/theirs", write=True))["class"],
    "a parent that is no longer the head": refusal(
        lambda: api.upload_file(
            path_or_fileobj=b"{}",
            path_in_repo="config.json",
            repo_id="acme/theirs",
            parent_commit=api.list_repo_commits("acme/theirs")[-1].commit_id,
        )
    ),
}
api.create_tag("acme/theirs", tag="data-1d55c3a")
seen["a tag that is there"] = refusal(lambda: api.create_tag("acme/theirs", tag="data-1d55c3a"))["class"]
print(json.dumps(seen))
