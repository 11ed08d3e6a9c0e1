//! Writes with the Rust client and reads back with it; prints one JSON document. Arguments: URL and bearer token.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;
use xtrace_client::{
    BatchIngestRequest, Client, Error, MetricPoint, MetricsDailyQuery, MetricsQueryParams, ObservationIngest,
    TraceDetailDto, TraceIngest, TraceListQuery,
};

/// Reads until it is there; the trace and how many milliseconds that took.
async fn soon(client: &Client, id: Uuid) -> Result<(TraceDetailDto, f64), Error> {
    let started = Instant::now();
    loop {
        match client.get_trace(id).await {
            Err(_) if started.elapsed() < Duration::from_secs(15) => tokio::time::sleep(Duration::from_millis(10)).await,
            answer => return Ok((answer?, started.elapsed().as_secs_f64() * 1000.0)),
        }
    }
}

async fn run(client: &Client) -> Result<serde_json::Value, Error> {
    client.healthz().await?;
    let started = Utc::now();
    let (trace_id, root_id, step_id) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    let mut trace = TraceIngest::new(trace_id).with_session_id("rust-session").with_turn_id("t1").with_run_id("r1");
    trace.name = Some("answer-ticket".into());
    trace.user_id = Some("rust-user".into());
    trace.tags = vec!["eu".into(), "beta".into()];
    trace.input = Some(json!({"question": "Wo? 📦"}));
    trace.output = Some(json!("It was shipped."));
    trace.environment = Some("staging".into());
    trace.release = Some("r-77".into());
    let mut root = ObservationIngest::new(root_id, trace_id).with_step_id("s1").with_step_type("plan");
    root.r#type = Some("SPAN".into());
    root.name = Some("handle".into());
    root.start_time = Some(started);
    root.end_time = Some(started + TimeDelta::milliseconds(2500));
    let mut step = ObservationIngest::new(step_id, trace_id).with_parent_step_id("s1");
    step.r#type = Some("GENERATION".into());
    step.name = Some("compose".into());
    step.parent_observation_id = Some(root_id);
    step.start_time = Some(started + TimeDelta::milliseconds(500));
    step.end_time = Some(started + TimeDelta::milliseconds(1500));
    step.model = Some("qwen2.5".into());
    step.model_parameters = Some(json!({"temperature": 0.2}));
    step.output = Some(json!({"role": "assistant", "content": "It was shipped."}));
    step.prompt_tokens = Some(11);
    step.completion_tokens = Some(7);
    step.total_tokens = Some(18);
    step.calculated_total_cost = Some(0.25);
    step.level = Some("WARNING".into());
    step.status_message = Some("slow".into());
    let answer = client.ingest_batch(&BatchIngestRequest { trace: Some(trace), observations: vec![root, step] }).await?;
    let read = soon(client, trace_id).await?.0;

    let labels = HashMap::from([("node".to_string(), "n1".to_string())]);
    let point = MetricPoint { name: "rust_requests".into(), labels, value: 3.5, timestamp: Utc::now() };
    client.push_metrics(&[point]).await?;
    let mut names = client.list_metric_names().await?;
    for _ in 0..500 {
        if names.iter().any(|name| name == "rust_requests") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        names = client.list_metric_names().await?;
    }
    let metrics = client.query_metrics(&MetricsQueryParams { name: "rust_requests".into(), ..Default::default() }).await?;

    let mine = TraceListQuery {
        user_id: Some("rust-user".into()),
        tags: vec!["eu".into()],
        environment: vec!["staging".into(), "other".into()],
        ..Default::default()
    };
    let listed = client.list_traces(&mine).await?;
    let days = client.metrics_daily(&MetricsDailyQuery { user_id: Some("rust-user".into()), ..Default::default() }).await?;

    let mut waits = Vec::new();
    for _ in 0..50 {
        let id = Uuid::new_v4();
        let trace = Some(TraceIngest::new(id));
        client.ingest_batch(&BatchIngestRequest { trace, observations: vec![] }).await?;
        waits.push(soon(client, id).await?.1);
    }
    Ok(json!({
        "message": answer.message,
        "ids": { "trace": trace_id, "root": root_id, "step": step_id },
        "trace": {
            "id": read.id, "name": read.name, "userId": read.user_id, "sessionId": read.session_id,
            "tags": read.tags, "metadata": read.metadata, "input": read.input, "output": read.output,
            "environment": read.environment, "release": read.release, "public": read.public,
            "latency": read.latency, "totalCost": read.total_cost, "observations": read.observations,
        },
        "listed": listed.data.iter().map(|item| json!({ "id": item.id, "observations": item.observations })).collect::<Vec<_>>(),
        "totalItems": listed.meta.total_items,
        "days": days.data.iter().map(|day| json!({
            "traces": day.count_traces, "observations": day.count_observations, "cost": day.total_cost,
        })).collect::<Vec<_>>(),
        "series": metrics.data.iter().map(|series| json!({
            "labels": series.labels, "values": series.values.iter().map(|point| point.value).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "waits": waits,
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let [_, url, token] = <[String; 3]>::try_from(std::env::args().collect::<Vec<_>>()).expect("URL and token");
    println!("{}", run(&Client::new(&url, &token)?).await?);
    Ok(())
}
