import { randomUUID } from "node:crypto";
import {
  countEvents,
  noEvents,
  stampOf,
  type IngestionAnswer,
  type JsonValue,
  type ScoresPartlyTaken,
  type ScoresTaken,
  type WrittenAnswer,
} from "@xtrace/contract";
import { AppError, detailsOf, InvalidRequest, readJson, requireScope } from "@xtrace/runtime";
import { Hono } from "hono";
import { requestIds } from "../fields/derived-id.ts";
import type { GatewayEnv, ProtocolDeps } from "../protocol.ts";
import { toScoreEvent } from "./decode-entities.ts";
import { decodeIngestion, type DecodedIngestion } from "./decode-ingestion.ts";
import { decodeScores } from "./decode-scores.ts";
import { ScoreBody } from "./score-wire.ts";

/**
 * The write endpoints of Langfuse's public API, as its SDKs call them.
 *
 * An answer of 207 or 200 means that the queue has every event listed as a success. When it cannot
 * take them the whole request fails, because SDKs retry requests, not events.
 */
export function langfuseRoutes({ accept, reject, limits, nowUs, log }: ProtocolDeps): Hono<GatewayEnv> {
  return new Hono<GatewayEnv>()
    .post("/api/public/ingestion", async (c) => {
      const { projectId, scopes, keyId } = c.get("identity");
      requireScope(c.get("identity"), "ingest", "scores");
      const { body, bytes } = await readJson(c.req.raw, limits);
      c.set("bodyBytes", bytes.length);
      const decoded = decodeOrRefuse(body, { scoresOnly: !scopes.includes("ingest") });
      if (decoded instanceof AppError) {
        const errors = decoded.details.map(({ message }) => message);
        return c.json({ ...decoded.toBody(c.get("requestId")), errors }, decoded.status);
      }
      const { events, successes, errors, logCount } = decoded;
      if (errors.length > 0) reject(errors.length, "invalid");
      if (logCount > 0) reject(logCount, "sdk_log");
      if (countEvents(events) > 0) await accept(projectId, events, bytes.length);
      if (errors.length > 0 || logCount > 0) {
        log.info(
          { projectId, keyId, accepted: successes.length, rejected: errors.length, sdkLogs: logCount },
          "ingestion",
        );
      }
      return c.json({ successes, errors } satisfies IngestionAnswer, 207);
    })
    .post("/api/public/scores", async (c) => {
      const { projectId } = c.get("identity");
      requireScope(c.get("identity"), "ingest", "scores");
      const { body, bytes } = await readJson(c.req.raw, limits);
      c.set("bodyBytes", bytes.length);
      if (Array.isArray(body)) {
        const { scores, errors } = decodeScores(body, { idAt: requestIds(projectId, bytes), nowUs });
        if (errors.length > 0) reject(errors.length, "invalid");
        if (scores.length > 0) await accept(projectId, { ...noEvents(), scores: [...scores] }, bytes.length);
        if (errors.length === 0) return c.json({ message: "Accepted" } satisfies ScoresTaken, 202);
        const partly: ScoresPartlyTaken = { accepted: scores.length, rejected: errors.length, errors };
        return c.json(partly, 207);
      }
      const sent = scoreOf(body);
      // Two equal scores are two votes: an id made from the body would keep one of them.
      const timeUs = nowUs();
      const score = toScoreEvent(sent, { id: sent.id ?? randomUUID(), timeUs, stamp: stampOf(timeUs) });
      await accept(projectId, { ...noEvents(), scores: [score] }, bytes.length);
      return c.json({ id: score.id } satisfies WrittenAnswer);
    });
}

/** What is wrong with the whole is answered here: Langfuse's clients look for a list of messages beside the usual body. */
function scoreOf(body: JsonValue): ScoreBody {
  const result = ScoreBody.safeParse(body);
  if (result.success) return result.data;
  throw new InvalidRequest(detailsOf(result.error), { cause: result.error });
}

function decodeOrRefuse(body: JsonValue, options: { readonly scoresOnly: boolean }): DecodedIngestion | AppError {
  try {
    return decodeIngestion(body, options);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
