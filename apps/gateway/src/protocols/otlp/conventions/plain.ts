import type { Convention } from "./convention.ts";
import { objectAt, payload, text } from "./read-attributes.ts";

/** What people and small libraries call things who follow no convention. */
export const plain: Convention = {
  name: "plain names",
  namespaces: ["input", "output", "model", "model_config"],
  observation: {
    impliedType: ({ attributes }) => (typeof attributes.get("model") === "string" ? "GENERATION" : undefined),
    model: text("model"),
    modelParameters: ({ attributes }) => objectAt(attributes, "model_config"),
    input: payload("input"),
    output: payload("output"),
  },
};
