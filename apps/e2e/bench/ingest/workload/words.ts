import { pick, type Random } from "../../../src/seeded-random.ts";

/** Enough words that text compresses as prose does, by about a half, and not as repetition. */
const WORDS = (
  "the of and to in is that for it as with on be by this are or an from at was which have not can will all their has more " +
  "customer order invoice refund shipment address account balance payment schedule contract renewal ticket priority agent " +
  "tool search result document paragraph summary question answer context retrieval vector ranking score confidence source " +
  "please check whether database record status pending approved rejected escalated warehouse region delivery tomorrow " +
  "morning evening available different another because however therefore although between during without within against " +
  "temperature pressure measurement report analysis figure increase decrease quarter revenue margin forecast estimate risk " +
  "compliance policy section clause party agreement liability termination notice period days weeks months language model " +
  "response generate translate extract classify compare explain describe list table column value number percent average"
).split(" ");

/** Exactly `length` characters of words. */
export function prose(random: Random, length: number): string {
  let text = pick(random, WORDS);
  while (text.length < length) text += ` ${pick(random, WORDS)}`;
  return text.slice(0, length);
}
