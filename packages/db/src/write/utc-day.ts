const DAY_MS = 86_400_000;
let lastDay = { number: 0, text: "1970-01-01" };

/** `YYYY-MM-DD`. Remembers the last day: nearly all of a batch is of one. */
export function utcDay(timeUs: number): string {
  const number = Math.floor(timeUs / (DAY_MS * 1000));
  if (number !== lastDay.number) lastDay = { number, text: new Date(number * DAY_MS).toISOString().slice(0, 10) };
  return lastDay.text;
}
