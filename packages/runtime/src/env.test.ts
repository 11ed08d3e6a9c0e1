import { expect, test } from "vitest";
import { z } from "zod";
import { parseAddress } from "./address.ts";
import { describeEnv, envFlag, envInt, envUrl, parseEnv } from "./env.ts";

const Env = z.object({
  PORT: envInt({ min: 1, max: 10, default: 3 }).describe("A port."),
  ON: envFlag(false).describe("A switch."),
  URL: envUrl(["redis:"]).describe("An address."),
  NAME: z.string().optional().describe("A name."),
});

test("reads numbers, switches and addresses; empty counts as unset", () => {
  expect(parseEnv(Env, { PORT: "7", ON: "Yes", URL: "redis://h", NAME: "" })).toEqual({
    PORT: 7,
    ON: true,
    URL: "redis://h",
  });
  expect(parseEnv(Env, { PORT: "", ON: "0", URL: "redis://h" })).toEqual({ PORT: 3, ON: false, URL: "redis://h" });
});

test("names every bad variable at once and shows no value", () => {
  const bad = { PORT: "eleventy", ON: "maybe", URL: "postgres://user:hunter2@h" };
  expect(() => parseEnv(Env, bad)).toThrow(/^(?!.*(hunter2|maybe|eleventy)).*PORT.*ON.*URL/s);
});

test("describes itself for the documentation", () => {
  expect(describeEnv(Env)).toEqual([
    { name: "PORT", defaultValue: "3", description: "A port." },
    { name: "ON", defaultValue: "false", description: "A switch." },
    { name: "URL", defaultValue: "required", description: "An address." },
    { name: "NAME", defaultValue: "", description: "A name." },
  ]);
});

test("reads host:port, also of IPv6, and refuses the rest", () => {
  expect(parseAddress("127.0.0.1:8742")).toEqual({ host: "127.0.0.1", port: 8742 });
  expect(parseAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  for (const bad of ["8742", "localhost", "h:99999", "::1:80", ""])
    expect(() => parseAddress(bad)).toThrow("host:port");
});
