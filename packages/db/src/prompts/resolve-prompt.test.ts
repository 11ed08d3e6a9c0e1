import { PROMPT_LIMITS } from "@xtrace/contract";
import { expect, test } from "vitest";
import { referencesIn } from "./prompt-tags.ts";
import { resolvePrompt, type GraphPrompt } from "./resolve-prompt.ts";

function prompt(name: string, text: GraphPrompt["prompt"], version = 1): GraphPrompt {
  return { id: `${name}-${version}`, name, version, prompt: text };
}

const tag = (name: string, which = "label=production") => `@@@langfusePrompt:name=${name}|${which}@@@`;

function resolveAmong(root: GraphPrompt, ...others: GraphPrompt[]) {
  const all = [root, ...others];
  return resolvePrompt(root, ({ name, version }) =>
    all.find((one) => one.name === name && (version === undefined || one.version === version)),
  );
}

test("references are found once each, in every text of a chat, and nothing else is one", () => {
  expect(
    referencesIn([
      { role: "system", content: `a ${tag("b")} ${tag("c", "version=3")} ${tag("b")}` },
      { type: "placeholder", name: tag("never") },
      { role: "user", content: tag("d/e f", "label=x=y") },
    ]),
  ).toEqual([
    { name: "b", label: "production" },
    { name: "c", version: 3 },
    { name: "d/e f", label: "x=y" },
  ]);
  for (const text of [
    "@@@langfusePrompt:name=a@@@",
    "@@@langfusePrompt:label=x|name=a@@@",
    "@@@langfusePrompt:name=a|version=x@@@",
    "@@@langfusePrompt:name=a|version=0@@@",
    "@@@langfusePrompt:name=|label=x@@@",
    "@@@langfusePrompt:name=a|label=@@@",
    "@@@langfusePrompt:name=a|label=x|version=1@@@",
    "@@@langfusePrompt:name=a|label=x",
    "@@@langfuseMedia:type=image/png|id=1|source=bytes@@@",
  ]) {
    expect.soft(referencesIn(text), text).toEqual([]);
    expect.soft(resolveAmong(prompt("r", text)), text).toEqual({ prompt: text, graph: null });
  }
});

test("puts in what is referred to, at every level, as it is", () => {
  const root = prompt("root", [
    { role: "system", content: `<${tag("a")}>` },
    { type: "placeholder", name: "history" },
  ]);
  const a = prompt("a", `$& "${tag("b", "version=2")}" ${tag("b", "version=2")}`);
  const b = prompt("b", "line\n{{variable}}", 2);
  expect(resolveAmong(root, a, b)).toEqual({
    prompt: [
      { role: "system", content: '<$& "line\n{{variable}}" line\n{{variable}}>' },
      { type: "placeholder", name: "history" },
    ],
    graph: {
      root: { id: "root-1", name: "root", version: 1 },
      dependencies: {
        "root-1": [{ id: "a-1", name: "a", version: 1 }],
        "a-1": [{ id: "b-2", name: "b", version: 2 }],
      },
    },
  });
});

test.each([
  ["itself", [prompt("a", tag("a"))], "Circular dependency detected involving prompt 'a' version 1"],
  ["another version of itself", [prompt("a", tag("a", "version=2")), prompt("a", "x", 2)], "Circular dependency"],
  ["one that refers back", [prompt("a", tag("b")), prompt("b", tag("a"))], "Circular dependency"],
  ["a circle beyond", [prompt("a", tag("b")), prompt("b", tag("c")), prompt("c", tag("b"))], "Circular dependency"],
  ["nothing", [prompt("a", tag("b", "version=7"))], "Prompt dependency not found: b - version 7"],
  ["a chat", [prompt("a", tag("b")), prompt("b", [])], "Prompt dependency is not a text prompt: b - label production"],
])("refuses a reference to %s", (_, [root, ...others], message) => {
  expect(() => resolveAmong(root as GraphPrompt, ...others)).toThrow(message);
});

function chain(length: number): GraphPrompt[] {
  return Array.from({ length }, (_, index) => prompt(`p${index}`, index === length - 1 ? "end" : tag(`p${index + 1}`)));
}

test("takes as many levels as allowed and no more, also below what was resolved before", () => {
  const [root, ...others] = chain(PROMPT_LIMITS.maxDepth) as [GraphPrompt, ...GraphPrompt[]];
  expect(resolveAmong(root, ...others).prompt).toBe("end");
  const [deep, ...below] = chain(PROMPT_LIMITS.maxDepth + 1) as [GraphPrompt, ...GraphPrompt[]];
  expect(() => resolveAmong(deep, ...below)).toThrow("Maximum nesting depth exceeded (5)");
  // p1 is resolved first as a child of the root, then met again one level further down.
  const twice = prompt("twice", `${tag("p1")} ${tag("above")}`);
  const above = prompt("above", tag("p1"));
  expect(() => resolveAmong(twice, above, ...others)).toThrow("Maximum nesting depth exceeded (5)");
});

test("refuses what would grow beyond all bounds, at once", () => {
  const wide = (name: string) => tag(name).repeat(1_000);
  const bomb = [prompt("a", wide("b")), prompt("b", wide("c")), prompt("c", wide("d")), prompt("d", "x".repeat(1_000))];
  const startedAt = performance.now();
  expect(() => resolveAmong(bomb[0] as GraphPrompt, ...bomb.slice(1))).toThrow(/longer than/);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});
