export type Answer = {
  readonly statusCode: number;
  /** Without its body. */
  readonly head: string;
  readonly body: string;
};

const END_OF_HEAD = "\r\n\r\n";

/**
 * Reads the answers of one connection, one after the other, of servers that tell how long a body is.
 * The function takes what arrives and returns an answer once it is whole; an answer that tells no length is an error.
 */
export function createAnswerReader(): (bytes: Buffer) => Answer | undefined {
  // Latin-1, so that a character is a byte.
  let received = "";
  return (bytes) => {
    received += bytes.toString("latin1");
    const headLength = received.indexOf(END_OF_HEAD);
    if (headLength < 0) return undefined;
    const head = received.slice(0, headLength);
    const length = headerOf(head, "content-length");
    if (length === undefined) throw new Error(`an answer of unknown length: ${head}`);
    const bodyStart = headLength + END_OF_HEAD.length;
    if (received.length < bodyStart + Number(length)) return undefined;
    const body = Buffer.from(received.slice(bodyStart), "latin1").toString("utf8");
    received = "";
    return { statusCode: Number(head.slice(STATUS_AT, STATUS_AT + 3)), head, body };
  };
}

const STATUS_AT = "HTTP/1.1 ".length;

/** The value of a header; `undefined` if the answer has none of that name, which is written in small letters. */
export function headerOf(head: string, name: string): string | undefined {
  const start = head.toLowerCase().indexOf(`\r\n${name}: `);
  if (start < 0) return undefined;
  const valueStart = start + name.length + 4;
  const end = head.indexOf("\r\n", valueStart);
  return head.slice(valueStart, end < 0 ? undefined : end);
}
