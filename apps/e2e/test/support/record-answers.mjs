import { subscribe } from "node:diagnostics_channel";
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/*
 * Loaded into a process by NODE_OPTIONS, as `record-answers.mjs?dir=…`: writes every answer of its HTTP servers down, a
 * line of JSON each, before the end of it is sent. So whoever has an answer finds it written, and nothing is kept.
 */

/**
 * @typedef {import("./answer-log.ts").LoggedAnswer} LoggedAnswer
 * @typedef {import("node:http").IncomingMessage} IncomingMessage
 * @typedef {import("node:http").ServerResponse} ServerResponse
 * @typedef {{ request: IncomingMessage, response: ServerResponse }} Exchange
 */

/** Bodies beyond it are not written down: no process is to be held up by that. */
const MAX_BODY_BYTES = 1024 * 1024;

const givenDir = new URL(import.meta.url).searchParams.get("dir");
if (givenDir !== null) recordAnswers(givenDir);

/**
 * Of this process, from here on, into a file of its own.
 *
 * @param {string} dir
 */
export function recordAnswers(dir) {
  /** @type {number | undefined} */
  let file;

  /** @param {LoggedAnswer} answer */
  function write(answer) {
    file ??= openSync(join(dir, `${process.pid}.jsonl`), "a");
    writeSync(file, `${JSON.stringify(answer)}\n`);
  }

  subscribe("http.server.request.start", (message) => {
    const { request, response } = /** @type {Exchange} */ (message);
    record(request, response, write);
  });
}

/**
 * @param {Exchange["request"]} request
 * @param {Exchange["response"]} response
 * @param {(answer: LoggedAnswer) => void} write
 */
function record({ method = "", url = "" }, response, write) {
  const plain = { writeHead: response.writeHead, write: response.write, end: response.end };
  /** @type {Buffer[]} */
  let chunks = [];
  let bytes = 0;
  let mediaType = "";

  /** @param {unknown} chunk */
  function keep(chunk) {
    if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) return;
    bytes += Buffer.byteLength(chunk);
    if (!isJson(mediaType) || bytes > MAX_BODY_BYTES) chunks = [];
    else chunks.push(Buffer.from(chunk));
  }

  /** @param {any[]} args */
  response.writeHead = (...args) => {
    mediaType = mediaTypeIn(args.at(-1)) || mediaType;
    return Reflect.apply(plain.writeHead, response, args);
  };
  /** @param {any[]} args */
  response.write = (...args) => {
    keep(args[0]);
    return Reflect.apply(plain.write, response, args);
  };
  /** @param {any[]} args */
  response.end = (...args) => {
    keep(args[0]);
    const isWhole = isJson(mediaType) && bytes <= MAX_BODY_BYTES;
    const text = isWhole ? Buffer.concat(chunks).toString() : undefined;
    write({ method, path: pathOf(url), status: response.statusCode, mediaType, bytes, text });
    return Reflect.apply(plain.end, response, args);
  };
}

/** @param {string} url */
function pathOf(url) {
  const [path = ""] = url.replace(/^\w+:\/\/[^/]*/, "").split("?", 1);
  return path;
}

/** @param {string} mediaType */
function isJson(mediaType) {
  return mediaType === "application/json";
}

/**
 * Of the last argument of `writeHead`, if that is an object of fields.
 *
 * @param {unknown} fields
 */
function mediaTypeIn(fields) {
  if (typeof fields !== "object" || fields === null) return "";
  const [, value = ""] = Object.entries(fields).find(([name]) => name.toLowerCase() === "content-type") ?? [];
  return String(value).split(";")[0]?.trim().toLowerCase() ?? "";
}
