import { createSocket } from "node:dgram";
import { once } from "node:events";

export type DnsServer = { readonly port: number; [Symbol.asyncDispose](): Promise<void> };

const HEADER_BYTES = 12;
const TYPE_A = 1;

/** Answers for IPv4 addresses as Docker's name server does: `addresses` is asked at each query, so names may move. */
export async function startDnsServer(addresses: (name: string) => readonly string[]): Promise<DnsServer> {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => socket.send(answer(query, addresses), from.port, from.address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

/** Source: RFC 1035, sections 4.1.1 to 4.1.4. */
function answer(query: Buffer, addresses: (name: string) => readonly string[]): Buffer {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  const found = type === TYPE_A ? addresses(labels.join(".")) : [];

  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x81_80, 2); // A response, without error.
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found.length, 6);
  const records = found.map((address) => {
    const fixed = [0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4]; // The name asked for, class IN, for a second.
    return Buffer.from([...fixed, ...address.split(".").map(Number)]);
  });
  return Buffer.concat([header, query.subarray(HEADER_BYTES, at + 5), ...records]);
}
