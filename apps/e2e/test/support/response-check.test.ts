import { expect, test } from "vitest";
import { createResponseCheck } from "./response-check.ts";

const Item = {
  type: "object",
  properties: { id: { type: "string" }, size: { type: ["number", "null"] } },
  required: ["id"],
};
const answer = (schema: object) => ({ content: { "application/json": { schema } } });

const check = createResponseCheck({
  paths: {
    "/items/{id}": {
      get: { responses: { 200: answer({ $ref: "#/components/schemas/Item" }) } },
      delete: { responses: { 204: { description: "Gone." } } },
    },
    "/items/all": {
      get: { responses: { 200: answer({ type: "array", items: { $ref: "#/components/schemas/Item" } }) } },
    },
  },
  components: { schemas: { Item } },
} as never);

const get = (path: string, body: unknown, status = 200) => check({ method: "GET", path, status, body });

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
  ["/items/1", { id: "a", color: "red" }, "additional properties"],
  ["/items/all", { id: "a" }, "array"],
  ["/items/all", [{ id: "a" }, { id: "b", size: "1" }], "body/1/size"],
])("%s may not answer %j", (path, body, reason) => {
  expect(get(path, body)).toContain(reason);
});

test("an answer without a body may be described without one, and has none", () => {
  const gone = { method: "DELETE", path: "/items/1", status: 204 };
  expect(check({ ...gone, body: undefined })).toBeUndefined();
  expect(check({ ...gone, body: {} })).toContain("not described");
});

test("a status that is not described is told", () => {
  expect(get("/items/1", { id: "a" }, 201)).toBe("GET /items/{id} 201: no such answer is described");
  expect(check({ method: "PUT", path: "/items/1", status: 201, body: {} })).toBeUndefined();
});
