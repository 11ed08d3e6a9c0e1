import { pino, type DestinationStream, type Logger } from "pino";

export type { Logger } from "pino";

/** Where a secret or a user's text could slip in; logs hold ids, counts and errors only. */
const REDACTED = [
  "authorization",
  "*.authorization",
  "headers.authorization",
  "headers.cookie",
  "secret",
  "*.secret",
  "secretKey",
  "*.secretKey",
  "input",
  "*.input",
  "output",
  "*.output",
  "password",
  "*.password",
  // The client of Redis hangs the command on its error: a password in HELLO, a job in EVALSHA.
  "err.command.args",
  "err.aggregateErrors[*].command.args",
];

export function createLogger(options: { name: string; level: string; destination?: DestinationStream }): Logger {
  const settings = { name: options.name, level: options.level, redact: REDACTED };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
