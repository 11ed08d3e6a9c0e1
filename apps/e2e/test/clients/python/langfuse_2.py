from datetime import datetime, timezone

from langfuse import Langfuse
from read_back import fifty, finish, is_whole, plain, soon

# A flush waits for as long as this interval.
langfuse = Langfuse(release="r-77", environment="staging", flush_interval=0.01)

trace = langfuse.trace(
    name="answer-ticket",
    user_id="user-1",
    session_id="python-2",
    tags=["eu", "beta"],
    metadata={"tenant": "acme"},
    version="2.0.0",
    input={"question": "Wo? 📦"},
    output="It was shipped.",
    public=True,
)
tool = trace.span(name="lookup", input={"orderId": 42})
generation = tool.generation(
    name="compose",
    model="gpt-4o",
    model_parameters={"temperature": 0.2},
    input=[{"role": "user", "content": "Where?"}],
    completion_start_time=datetime.now(timezone.utc),
)
generation.event(name="cache-miss", metadata={"key": "k"})
generation.end(
    output={"role": "assistant", "content": "It was shipped."},
    usage_details={"input": 20, "output": 30, "cache_read_input_tokens": 100},
    cost_details={"input": 0.001, "output": 0.002, "total": 0.003},
)
tool.end(output={"state": "shipped"})
trace.span(name="charge", level="ERROR", status_message="card declined").end()
generation.score(name="relevance", value=0.5, comment="so so")
trace.score(name="helpful", value=1, data_type="BOOLEAN")
trace.score(name="verdict", value="good", data_type="CATEGORICAL")
langfuse.flush()

dataset_name = f"tickets of {trace.id}"
langfuse.create_dataset(name=dataset_name)
langfuse.create_dataset_item(dataset_name=dataset_name, input="Wo?", id=f"item-{trace.id}")
[item] = langfuse.get_dataset(dataset_name).items
linked = langfuse.generation(name="answer")
langfuse.flush()
# By its id alone, in the breath after it was sent.
item.link(linked.id, "by id")
[run_item] = langfuse.get_dataset_run(dataset_name, "by id").dataset_run_items

read = soon(lambda: langfuse.fetch_trace(trace.id).data, is_whole)[0]
waits = fifty(lambda: (langfuse.trace(name="one of fifty"), langfuse.flush())[0].id, langfuse.fetch_trace)
finish(
    {
        "trace": plain(read),
        "generation": plain(langfuse.fetch_observation(generation.id).data),
        "generations": [found.name for found in langfuse.fetch_observations(type="GENERATION", trace_id=trace.id).data],
        "ofUser": [found.id for found in langfuse.fetch_traces(user_id="user-1", session_id="python-2").data],
        "sessions": [found.id for found in langfuse.fetch_sessions().data],
        "linked": [linked.trace_id, linked.id],
        "runItem": [run_item.trace_id, run_item.observation_id],
        "waits": waits,
    }
)
