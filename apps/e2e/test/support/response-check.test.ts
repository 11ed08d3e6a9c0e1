import { expect, test } from "vitest";
import { createResponseCheck } from "./response-check.ts";

const Item = {
  type: "object",
  properties: { id: { type: "string" }, size: { type: ["number", "null"] } },
  required: ["id"],
};
const answer = (schema: object) => ({ content: { "application/json": { schema } } });
const file = (type: string) => ({ content: { [type]: { schema: { type: "string" } } } });

const check = createResponseCheck({
  paths: {
    "/items/{id}": {
      get: { responses: { 200: answer({ $ref: "#/components/schemas/Item" }) } },
      delete: { responses: { 204: { description: "Gone." } } },
    },
    "/items/all": {
      get: { responses: { 200: answer({ type: "array", items: { $ref: "#/components/schemas/Item" } }) } },
    },
    "/export": { get: { responses: { 200: file("text/csv") } } },
    "/file": { get: { responses: { 200: file("*/*") } } },
  },
  components: { schemas: { Item } },
} as never);

const get = (path: string, body: unknown, status = 200) => {
  const text = JSON.stringify(body);
  return check({ method: "GET", path, status, mediaType: "application/json", bytes: text.length, text });
};

test.each([
  ["/items/1", { id: "a" }],
  ["/items/1", { id: "a", size: null }],
  ["/items/all", [{ id: "a", size: 1 }]],
  ["/elsewhere", "anything"],
])("%s may answer %j", (path, body) => {
  expect(get(path, body)).toBeUndefined();
});

test.each([
  ["/items/1", {}, "id"],
  ["/items/1", { id: 1 }, "body/id"],
  ["/items/1", { id: "a", color: "red" }, "additional properties (color)"],
  ["/items/all", { id: "a" }, "array"],
  ["/items/all", [{ id: "a" }, { id: "b", size: "1" }], "body/1/size"],
])("%s may not answer %j", (path, body, reason) => {
  expect(get(path, body)).toContain(reason);
});

test("an answer without a body may be described without one, and has none", () => {
  const gone = { method: "DELETE", path: "/items/1", status: 204, mediaType: "" };
  expect(check({ ...gone, bytes: 0 })).toBeUndefined();
  expect(check({ ...gone, bytes: 2 })).toContain("not described");
});

test("an answer has one of the types that are described, and JSON that is none is told", () => {
  const csv = { method: "GET", status: 200, mediaType: "text/csv", bytes: 10 };
  expect(check({ ...csv, path: "/export" })).toBeUndefined();
  expect(check({ ...csv, path: "/file" })).toBeUndefined();
  expect(check({ ...csv, path: "/items/1" })).toContain('of the type "text/csv"');
  expect(check({ ...csv, path: "/items/1", mediaType: "application/json", text: "{" })).toContain("body must");
});

test("the body of a very large answer is not looked into", () => {
  const large = { method: "GET", path: "/items/1", mediaType: "application/json", bytes: 10_000_000 };
  expect(check({ ...large, status: 200 })).toBeUndefined();
  expect(check({ ...large, status: 201 })).toContain("no such answer");
});

test("a status that is not described is told", () => {
  expect(get("/items/1", { id: "a" }, 201)).toBe("GET /items/{id} 201: no such answer is described");
});

test("of an operation that is not described nothing but refusals are right", () => {
  const put = { method: "PUT", mediaType: "application/json", bytes: 2, text: "{}" };
  expect(check({ ...put, path: "/api/x", status: 405 })).toBeUndefined();
  expect(check({ ...put, path: "/readyz", status: 200 })).toBeUndefined();
  expect(check({ ...put, path: "/api/x", status: 200 })).toBe("PUT /api/x 200: no such operation is described");
  expect(check({ ...put, path: "/v1/x", status: 500 })).toContain("no such operation");
  expect(check({ ...put, method: "OPTIONS", path: "/api/x", status: 204 })).toBeUndefined();
});

test("HEAD is answered as GET is, without its body", () => {
  const head = { method: "HEAD", path: "/items/1", mediaType: "application/json", bytes: 0, text: "" };
  expect(check({ ...head, status: 200 })).toBeUndefined();
  expect(check({ ...head, status: 201 })).toContain("no such answer");
});
