"""Uses the Hub's own Python client as its users do, and prints what it got as JSON: python client.py FOLDER"""

import json
import pathlib
import sys

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, Volume
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

folder = pathlib.Path(sys.argv[1])
api = HfApi()
seen = {}
weights = bytes(range(256)) * 64


def refusal(work):
    """The class of the error that some work ends in."""
    try:
        work()
    except (HfHubHTTPError, ValueError) as error:
        return type(error).__name__
    return "none"


def message(work):
    """What the client says about a value that it, or the Hub, refuses."""
    try:
        work()
    except ValueError as error:
        return str(error)
    return "none"


user = api.whoami()
seen["whoami"] = {"name": user["name"], "orgs": [org["name"] for org in user["orgs"]]}

# Models: everything that a trainer does with one.
model = "acme/model"
seen["create"] = api.create_repo(model, private=True).repo_id
seen["create again"] = api.create_repo(model, exist_ok=True).repo_id
(folder / "model").mkdir()
(folder / "model/README.md").write_text("---\nlicense: mit\ndatasets:\n- acme/digits\n---\n# A model\n")
(folder / "model/config.json").write_text("{}")
(folder / "model/model.safetensors").write_bytes(weights)
commit = api.upload_folder(repo_id=model, folder_path=folder / "model", commit_message="End of training")
info = api.model_info(model, files_metadata=True)
sizes = {file.rfilename: file.size for file in info.siblings}
seen["upload"] = {
    "is head": commit.oid == info.sha,
    "private": info.private,
    "files": sorted(sizes),
    "weights are LFS": info.siblings[[file.rfilename for file in info.siblings].index("model.safetensors")].lfs is not None,
    "size": sizes["model.safetensors"],
    "license": info.card_data.license,
}
seen["a card with a wrong dataset"] = message(
    lambda: api.upload_file(
        path_or_fileobj=b"---\ndatasets:\n- /data\n---\n", path_in_repo="README.md", repo_id=model
    )
)
downloaded = pathlib.Path(api.snapshot_download(model, local_dir=folder / "copy"))
seen["download"] = {
    "weights are the same": (downloaded / "model.safetensors").read_bytes() == weights,
    "card": (downloaded / "README.md").read_text().splitlines()[-1],
}
seen["commits"] = [commit.title for commit in api.list_repo_commits(model)]
api.create_tag(model, tag="v1", revision=commit.oid)
api.create_branch(model, branch="next")
refs = api.list_repo_refs(model)
seen["refs"] = {"tags": [tag.name for tag in refs.tags], "branches": sorted(branch.name for branch in refs.branches)}
changes = [CommitOperationDelete("config.json"), CommitOperationAdd("notes.txt", b"hello")]
request = api.create_commit(model, operations=changes, commit_message="Change", create_pr=True)
seen["pull request"] = {"number": request.pr_num, "is new": request.oid != commit.oid}
api.merge_pull_request(model, request.pr_num)
seen["files after the merge"] = sorted(api.list_repo_files(model))
details = {entry.path: entry.size for entry in api.list_repo_tree(model, recursive=True, expand=True)}
seen["tree"] = details["model.safetensors"]
seen["paths"] = [entry.path for entry in api.get_paths_info(model, ["notes.txt", "gone.txt"])]

# Refusals, by the class that the client raises.
seen["refusals"] = {
    "no such model": refusal(lambda: api.model_info("acme/none")),
    "no such file": refusal(lambda: api.hf_hub_download(model, "none.txt", local_dir=folder / "none")),
    "no such revision": refusal(lambda: api.model_info(model, revision="none")),
    "a wrong token": refusal(lambda: HfApi(token="hf_wrong").whoami()),
    "a token that only reads": refusal(lambda: HfApi(token="hf_read").create_repo("acme/other")),
    "the same name": refusal(lambda: api.create_repo(model)),
}
assert issubclass(RepositoryNotFoundError, HfHubHTTPError) and issubclass(RevisionNotFoundError, HfHubHTTPError)
assert issubclass(EntryNotFoundError, Exception)

# Datasets and discussions.
dataset = api.dataset_info("acme/digits")
seen["dataset"] = {"files": len(dataset.siblings), "private": dataset.private}
discussion = api.create_discussion("acme/digits", title="Retraining", description="It began.", repo_type="dataset")
api.comment_discussion("acme/digits", discussion.num, comment="It ended.", repo_type="dataset")
api.change_discussion_status("acme/digits", discussion.num, new_status="closed", repo_type="dataset")
found = api.get_discussion_details("acme/digits", discussion.num, repo_type="dataset")
seen["discussion"] = {
    "status": found.status,
    "comments": [event.content for event in found.events if event.type == "comment"],
}

# Webhooks.
watched = [{"type": "dataset", "name": "acme/digits"}]
webhook = api.create_webhook(url="http://127.0.0.1:9/webhook", watched=watched, domains=["repo"], secret="x" * 16)
seen["webhook"] = {"listed": len(api.list_webhooks()), "domains": webhook.domains, "watches": webhook.watched[0].name}
api.disable_webhook(webhook.id)
seen["webhook"]["disabled"] = api.get_webhook(webhook.id).disabled
api.delete_webhook(webhook.id)

# Jobs.
volumes = [Volume(type="dataset", source="acme/digits", mount_path="/data")]
job = api.run_job(
    image="python:3.12",
    command=["sh", "-c", "ls /data; echo said $GREETING; test -n \"$HF_TOKEN\" && echo secret is there"],
    env={"GREETING": "hello"},
    secrets={"HF_TOKEN": "hf_secret_of_the_job"},
    labels={"auto-retrain": "n0nce0123456"},
    volumes=volumes,
    flavor="cpu-basic",
    timeout="10m",
    namespace="acme",
)
lines = list(api.fetch_job_logs(job_id=job.id, namespace="acme", follow=True))
ended = api.wait_for_job(job_id=job.id, namespace="acme") if hasattr(api, "wait_for_job") else None
state = api.inspect_job(job_id=job.id, namespace="acme")
listed = api.list_jobs(namespace="acme", labels={"auto-retrain": "n0nce0123456"})
seen["job"] = {
    "stage": state.status.stage,
    "log": [line for line in lines if not line.startswith("=====")],
    "found by its label": [found.id for found in listed] == [job.id],
    "flavor": state.flavor,
}
endless = api.run_job(image="python:3.12", command=["sleep", "100"], namespace="acme")
api.cancel_job(job_id=endless.id, namespace="acme")
seen["cancelled job"] = api.inspect_job(job_id=endless.id, namespace="acme").status.stage
seen["hardware has a price"] = any(one.name == "t4-small" and one.unit_cost_usd > 0 for one in api.list_jobs_hardware())

api.delete_repo(model)
seen["after its deletion"] = refusal(lambda: api.model_info(model))
print(json.dumps(seen))
