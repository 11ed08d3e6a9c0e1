"""The SDKs 3 and 4, which differ in how a trace is told its attributes and in where the API's parts are."""

from datetime import datetime, timezone

from langfuse import Langfuse, propagate_attributes
from read_back import fifty, finish, is_whole, plain, soon

langfuse = Langfuse(release="r-77", environment="staging")
is_3 = hasattr(langfuse, "update_current_trace")
session_id = "python-3" if is_3 else "python-4"

with langfuse.start_as_current_observation(name="handle-ticket", as_type="agent", input={"question": "Wo? 📦"}) as agent:
    with propagate_attributes(
        user_id="user-1", session_id=session_id, tags=["eu", "beta"], metadata={"tenant": "acme"}, version="2.0.0"
    ):
        if is_3:
            langfuse.update_current_trace(
                name="answer-ticket", input={"question": "Wo? 📦"}, output="It was shipped.", public=True
            )
        else:
            langfuse.set_current_trace_io(input={"question": "Wo? 📦"}, output="It was shipped.")
            langfuse.set_current_trace_as_public()
        with langfuse.start_as_current_observation(name="lookup", as_type="tool", input={"orderId": 42}) as tool:
            with langfuse.start_as_current_observation(
                name="compose",
                as_type="generation",
                model="gpt-4o",
                model_parameters={"temperature": 0.2},
                input=[{"role": "user", "content": "Where?"}],
                completion_start_time=datetime.now(timezone.utc),
            ) as generation:
                langfuse.create_event(name="cache-miss", metadata={"key": "k"})
                generation.update(
                    output={"role": "assistant", "content": "It was shipped."},
                    usage_details={"input": 20, "output": 30, "cache_read_input_tokens": 100},
                    cost_details={"input": 0.001, "output": 0.002, "total": 0.003},
                )
                generation.score(name="relevance", value=0.5, comment="so so")
            tool.update(output={"state": "shipped"})
        langfuse.start_observation(name="charge", level="ERROR", status_message="card declined").end()
        try:
            with langfuse.start_as_current_observation(name="refund"):
                raise ValueError("no such card")
        except ValueError:
            pass
        agent.score_trace(name="helpful", value=1, data_type="BOOLEAN")
        agent.score_trace(name="verdict", value="good", data_type="CATEGORICAL")
langfuse.flush()

api = langfuse.api
observations = api.observations if is_3 else api.legacy.observations_v1
scores = api.score_v_2 if is_3 else api.scores
read = soon(lambda: api.trace.get(agent.trace_id), is_whole)[0]


def write_one():
    span = langfuse.start_observation(name="one of fifty")
    span.end()
    langfuse.flush()
    return span.trace_id


waits = fifty(write_one, api.trace.get)
get_scores = scores.get if is_3 else scores.get_many
finish(
    {
        "trace": plain(read),
        "generation": plain(observations.get(generation.id)),
        "generations": [found.name for found in observations.get_many(type="GENERATION", trace_id=agent.trace_id).data],
        "ofUser": [found.id for found in api.trace.list(user_id="user-1", session_id=session_id).data],
        "sessions": [found.id for found in api.sessions.list().data],
        "scores": sorted(found.name for found in get_scores(trace_id=agent.trace_id).data),
        "waits": waits,
    }
)
