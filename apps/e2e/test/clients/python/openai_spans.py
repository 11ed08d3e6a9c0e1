"""A chat, a stream and a refusal of OpenAI's client, as OpenInference records them."""

from openai import BadRequestError, OpenAI
from openinference.instrumentation import using_attributes
from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from read_back import finish

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
OpenAIInstrumentor().instrument(tracer_provider=provider)

openai = OpenAI(api_key="none", max_retries=0)
messages = [{"role": "system", "content": "You are brief."}, {"role": "user", "content": "Wo ist es? 📦"}]

with (
    using_attributes(session_id="python-session", user_id="user-1", tags=["b", "a"], metadata={"tenant": "acme"}),
    provider.get_tracer("app").start_as_current_span("handle") as span,
):
    openai.chat.completions.create(model="gpt-4o", messages=messages, temperature=0.2)
    stream = openai.chat.completions.create(
        model="gpt-4o", messages=messages, stream=True, stream_options={"include_usage": True}
    )
    for _ in stream:
        pass
    try:
        openai.chat.completions.create(model="gpt-none", messages=messages)
    except BadRequestError:
        pass
provider.force_flush()
finish({"traceId": format(span.get_span_context().trace_id, "032x")})
