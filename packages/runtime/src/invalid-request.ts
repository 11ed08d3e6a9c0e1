import type { ErrorBody, ErrorDetail } from "@xtrace/contract";
import { AppError } from "./app-error.ts";

/**
 * A request that does not fit its description.
 *
 * Source: Langfuse, whose `error` is the list of what its schemas find wrong where that of any other failure is the name of
 * its class. `details` says the same in the words of all other errors. `message` is for what no description of the request
 * can say, such as a name that is taken.
 */
export class InvalidRequest extends AppError {
  constructor(
    details: readonly ErrorDetail[],
    { message = "Invalid request data", cause }: { readonly message?: string; readonly cause?: unknown } = {},
  ) {
    super("BAD_REQUEST", message, { details, cause });
  }

  override toBody(requestId?: string): ErrorBody {
    return { ...super.toBody(requestId), error: this.details.map(issueOf) };
  }
}

function issueOf({ path, message }: ErrorDetail) {
  return { code: "custom", path: path === "" ? [] : path.split(".").map(numberOrName), message };
}

function numberOrName(part: string): string | number {
  return /^\d{1,9}$/.test(part) ? Number(part) : part;
}
