import { noEvents } from "@xtrace/contract";
import { parseJson } from "@xtrace/runtime";
import type { DecodedExport, OtlpEncoding } from "../decode.ts";
import { createIntake } from "../intake.ts";
import { createPointMapper } from "./map-point.ts";
import type { OtlpPoint } from "./otlp-point.ts";
import { readJsonPoints } from "./read-json-points.ts";
import { readProtobufPoints } from "./read-protobuf-points.ts";

/**
 * An export of metrics as points of time series. Pure; throws nothing but AppError, and that only
 * for a body that is no export of metrics as a whole: a bad data point is left out alone.
 *
 * `idAt` gives a point its id by its place in the request, so that a re-sent request adds nothing
 * while equal points of one request all count. `nowUs` is the time of a point that has none.
 */
export function decodeMetrics(
  bytes: Uint8Array,
  encoding: OtlpEncoding,
  { nowUs, idAt }: { readonly nowUs: number; readonly idAt: (position: number) => string },
): DecodedExport {
  const intake = createIntake<OtlpPoint>("data points");
  if (encoding === "protobuf") readProtobufPoints(bytes, intake);
  else if (bytes.length > 0) readJsonPoints(parseJson(bytes), intake);

  const events = noEvents();
  const mapPoint = createPointMapper(intake, nowUs);
  for (const point of intake.result().items) {
    for (const sample of mapPoint(point)) events.metrics.push({ id: idAt(events.metrics.length), ...sample });
  }
  const { rejected, reason } = intake.result();
  return { events, rejected, ...(reason === undefined ? {} : { reason }) };
}
