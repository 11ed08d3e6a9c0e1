import { expect, test } from "vitest";
import { eventsOfJobId, makeJobId } from "./job-id.ts";

test("an id tells how many events its job carries", () => {
  expect(makeJobId("a_b-c", 35, 200)).toBe("a_b-c-z-200");
  expect(eventsOfJobId(makeJobId("a_b-c", 35, 200))).toBe(200);
});

test("an id that was made otherwise tells nothing", () => {
  for (const id of ["17", "", "abc", "abc-", "abc-1x", "abc-9999999999"]) expect(eventsOfJobId(id)).toBeUndefined();
});
