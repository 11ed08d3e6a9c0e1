import { expect, test } from "vitest";
import { wireTime } from "./wire-time.ts";

test("prints every time as Date does, cut to milliseconds, in whatever order times come", () => {
  const minutes = [Date.UTC(1969, 11, 31, 23, 59), 0, Date.UTC(2024, 1, 29, 23, 59), Date.UTC(2026, 0, 2, 3, 4)];
  for (const minuteMs of [...minutes, ...minutes.toReversed()]) {
    for (const ms of [0, 1, 9, 10, 99, 100, 999, 1_000, 9_999, 10_000, 59_999, 60_000, -1]) {
      for (const us of [0, 1, 999]) {
        const timeUs = (minuteMs + ms) * 1_000 + us;
        expect(wireTime(timeUs)).toBe(new Date(minuteMs + ms).toISOString());
      }
    }
  }
});
