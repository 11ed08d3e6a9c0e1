import { describe, expect, test } from "vitest";
import { ConfigError, parseEnv } from "./env.ts";
import { KeyEnv, keysFromEnv } from "./key-env.ts";
import { createKeyRing, hashSecret } from "./key-ring.ts";

function basic(publicKey: string, secretKey: string): string {
  return `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString("base64")}`;
}

function ring(env: Record<string, string>) {
  return createKeyRing(keysFromEnv(parseEnv(KeyEnv, env)));
}

const PAIR = { XTRACE_PUBLIC_KEY: "pk", XTRACE_SECRET_KEY: "secret-of-default" };

describe("createKeyRing", () => {
  test("knows the bearer token, the pair, and the keys of further projects", () => {
    const keys = ring({
      ...PAIR,
      API_BEARER_TOKEN: "token-of-default",
      XTRACE_API_KEYS: "other:pk2:secret-of-other, third:pk3:s3",
    });
    expect(keys.identify("Bearer token-of-default")?.projectId).toBe("default");
    expect(keys.identify(basic("pk", "secret-of-default"))?.projectId).toBe("default");
    expect(keys.identify(basic("pk2", "secret-of-other"))?.projectId).toBe("other");
    expect(keys.identify("bearer secret-of-other")?.projectId).toBe("other");
    expect(keys.identify(basic("pk3", "s3"))?.scopes).toEqual(["ingest", "read", "admin"]);
  });

  test("lets a public key alone write scores and nothing else", () => {
    expect(ring(PAIR).identify("Bearer pk")).toMatchObject({ projectId: "default", scopes: ["scores"] });
  });

  test.each([
    ["nothing", undefined],
    ["an empty header", ""],
    ["another scheme", "Digest abc"],
    ["a wrong secret", basic("pk", "secret-of-defaulT")],
    ["an unknown public key", basic("who", "secret-of-default")],
    ["another project's secret", basic("pk", "secret-of-other")],
    ["an empty secret", basic("pk", "")],
    ["no colon", `Basic ${Buffer.from("pk").toString("base64")}`],
    ["an unknown token", "Bearer token"],
  ])("refuses %s", (_, header) => {
    const keys = ring({ ...PAIR, XTRACE_API_KEYS: "other:pk2:secret-of-other" });
    expect(keys.identify(header)).toBeUndefined();
  });

  test("exchanges stored keys and keeps the configured ones", () => {
    const keys = ring(PAIR);
    const stored = { projectId: "new", publicKey: "pk9", secretHash: hashSecret("s9"), scopes: ["read" as const] };
    keys.replace([stored]);
    expect(keys.identify(basic("pk9", "s9"))).toMatchObject({ projectId: "new", scopes: ["read"] });
    keys.replace([]);
    expect(keys.identify(basic("pk9", "s9"))).toBeUndefined();
    expect(keys.identify(basic("pk", "secret-of-default"))?.projectId).toBe("default");
  });
});

describe("keysFromEnv", () => {
  test("takes Langfuse's names where ours are not set", () => {
    const keys = ring({ LANGFUSE_PUBLIC_KEY: "pk-lf", LANGFUSE_SECRET_KEY: "sk-lf-1234", DEFAULT_PROJECT_ID: "mine" });
    expect(keys.identify(basic("pk-lf", "sk-lf-1234"))?.projectId).toBe("mine");
  });

  test("refuses half a pair and a malformed list, naming the variable and no value", () => {
    expect(() => ring({ XTRACE_PUBLIC_KEY: "pk" })).toThrow("XTRACE_SECRET_KEY");
    expect(() => ring({ XTRACE_API_KEYS: "p:pk" })).toThrow(ConfigError);
    expect(() => ring({ XTRACE_API_KEYS: "p:pk:hush:more" })).toThrow(/^(?!.*hush).*XTRACE_API_KEYS/s);
  });
});
