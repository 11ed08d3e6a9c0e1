import { expect, test } from "vitest";
import { basicAuth } from "../../src/test-system.ts";
import { apiOf, send, type Json } from "../support/api.ts";
import { describeEachSystem } from "../support/each-system.ts";

/** Its creation has a name and, but for an event, its update an output: either may be read before the other. */
function isWhole({ type, name, output }: Json): boolean {
  return name !== null && (type === "EVENT" || output !== null);
}

describeEachSystem("single writes of Langfuse's first clients", ({ system, soon }) => {
  const asA = () => apiOf(system(), system().projectA);

  async function write(method: "POST" | "PATCH", path: string, body: object): Promise<string> {
    const answer = await send(`${system().baseUrl}/api/public/${path}`, {
      method,
      headers: { Authorization: basicAuth(system().projectA), "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    expect(answer).toMatchObject({ status: 200, body: { id: expect.any(String) } });
    return answer.body.id as string;
  }

  test("come back as one trace, which is read where it was written", async () => {
    const traceId = await write("POST", "traces", { name: "chat", userId: "ada", metadata: { v: 1 } });
    const spanId = await write("POST", "spans", { traceId, name: "retrieve", input: "q" });
    const generation = { traceId, parentObservationId: spanId, name: "answer", model: "gpt-4", prompt: "Hi" };
    const generationId = await write("POST", "generations", generation);
    await write("POST", "events", { traceId, name: "cached" });
    await write("PATCH", "spans", { spanId, output: "found" });
    const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7 };
    await write("PATCH", "generations", { generationId, completion: "Hello", usage });

    const read = await soon(
      () => asA().read(`/api/public/traces/${traceId}`),
      ({ name, observations }) => name === "chat" && observations.filter(isWhole).length === 3,
    );
    expect(read).toMatchObject({ name: "chat", userId: "ada", metadata: { v: 1 } });
    const observations = new Map(read.observations.map((each: Json) => [each.type, each]));
    expect(observations.get("SPAN")).toMatchObject({ id: spanId, input: "q", output: "found" });
    expect(observations.get("GENERATION")).toMatchObject({ input: "Hi", output: "Hello", totalTokens: 7 });
    expect(observations.get("EVENT")).toMatchObject({ name: "cached" });
    expect((await asA().read("/api/public/traces?name=chat")).data).toHaveLength(1);
  });
});
