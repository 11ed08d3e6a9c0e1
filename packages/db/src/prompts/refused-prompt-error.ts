/** A prompt that cannot be written, put together or deleted, for a reason that its author can do something about. */
export class RefusedPromptError extends Error {
  override readonly name = "RefusedPromptError";
}
