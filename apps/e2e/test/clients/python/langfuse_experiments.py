"""Experiments of the SDKs 4 and 5, on data of the script's own and on a dataset, each read back as the SDK reads it."""

import json
from datetime import datetime, timezone

from langfuse import Evaluation, get_client
from read_back import finish, plain, soon

langfuse = get_client()
api = langfuse.api
FROM = datetime(2020, 1, 1, tzinfo=timezone.utc)
ITEM_FIELDS = "core,dataset,io,itemMetadata,experimentMetadata,scores"


def task(*, item, **_):
    """Sums are done, and anything else is not."""
    input = item["input"] if isinstance(item, dict) else item.input
    return "two" if input == "1+1" else "six"


def exact(*, output, expected_output, **_):
    return Evaluation(name="exact", value=1 if output == expected_output else 0)


def average(*, item_results, **_):
    return Evaluation(name="average", value=sum(r.evaluations[0].value for r in item_results) / len(item_results))


def describe(result):
    """The experiment and its items, once all that was written is there: it is sent in several requests."""
    # SDK 4 scores no run but a dataset's.
    scores = 1 if getattr(result, "dataset_run_id", True) else 0
    experiments = soon(
        lambda: api.experiments.list(from_start_time=FROM, name=result.run_name, fields="core,metadata,scores").data,
        lambda found: [(one.item_count, len(one.scores)) for one in found] == [(2, scores)],
    )[0]
    by_id = json.dumps([{"type": "string", "column": "experimentId", "operator": "=", "value": result.experiment_id}])
    items = soon(
        lambda: api.experiments.list_items(from_start_time=FROM, filter=by_id, fields=ITEM_FIELDS).data,
        lambda found: [(len(item.scores), item.output is not None) for item in found] == [(1, True)] * 2,
    )[0]
    return {
        "id": result.experiment_id,
        "traceIds": [item.trace_id for item in result.item_results],
        "experiments": [plain(one) for one in experiments],
        "items": [plain(item) for item in items],
    }


how = {
    "task": task,
    "evaluators": [exact],
    "run_evaluators": [average],
    "description": "in the head",
    "metadata": {"model": "none", "prompt": {"label": "best"}},
}
local = langfuse.run_experiment(
    name="Local sums",
    data=[
        {"input": "1+1", "expected_output": "two", "metadata": {"digits": 1}},
        {"input": "2+3", "expected_output": "five"},
    ],
    **how,
)

dataset = langfuse.create_dataset(name="sums")
langfuse.create_dataset_item(dataset_name="sums", input="1+1", expected_output="two", metadata={"digits": 1})
langfuse.create_dataset_item(dataset_name="sums", input="2+3", expected_output="five")
kept = langfuse.get_dataset("sums").run_experiment(name="Kept sums", **how)

result = {"local": describe(local), "kept": describe(kept), "datasetId": dataset.id}
of_dataset = api.experiments.list(from_start_time=FROM, dataset_id=dataset.id).data
result["ofDataset"] = [one.id for one in of_dataset]

api.trace.delete(result["local"]["traceIds"][0])
left = api.experiments.list(from_start_time=FROM, id=local.experiment_id).data
result["countLeft"] = [one.item_count for one in left]
api.trace.delete_multiple(trace_ids=result["local"]["traceIds"])
result["left"] = [one.id for one in api.experiments.list(from_start_time=FROM).data]
finish(result)
