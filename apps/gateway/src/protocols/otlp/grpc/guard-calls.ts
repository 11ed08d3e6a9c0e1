import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { AppError } from "@xtrace/runtime";
import { callStatus } from "./call-status.ts";

/** As long as a body may take over HTTP: one that trickles in must not be waited for. */
const RECEIVE_TIMEOUT_MS = 30_000;

/**
 * Asks `admit` about every call before its message is read: what will be refused should cost nothing.
 * `admit` gets the path and the authorization of the call, and rejects with the AppError to answer with.
 */
export function guardCalls(
  admit: (path: string, authorization: string | undefined) => Promise<void>,
  onFailure: (path: string, error: unknown) => AppError,
): ServerInterceptor {
  return ({ path }, call) => {
    let timer: NodeJS.Timeout | undefined;
    const intercepted = new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, pass) {
            timer = setTimeout(() => call.sendStatus(callStatus(tooSlow())), RECEIVE_TIMEOUT_MS);
            const authorization = metadata.get("authorization")[0]?.toString();
            admit(path, authorization).then(
              () => pass(metadata),
              (error: unknown) => {
                clearTimeout(timer);
                call.sendStatus(callStatus(onFailure(path, error)));
              },
            );
          },
          onReceiveHalfClose(pass) {
            clearTimeout(timer);
            pass();
          },
          onCancel: () => clearTimeout(timer),
        });
      },
    });
    return intercepted;
  };
}

function tooSlow(): AppError {
  return new AppError("BAD_REQUEST", `The message did not come within ${RECEIVE_TIMEOUT_MS / 1_000} s`);
}
