/**
 * One line of JSON over a connection, and no more than that.
 *
 * @module
 */
import type { TLSSocket } from "node:tls";

const MOST_BYTES = 8_192;

/** The line that comes first. Rejects when the connection ends before it does. */
export function readLine(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      text += String(chunk);
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > MOST_BYTES) reject(new Error("the line is too long"));
    });
    socket.on("error", reject);
    const cut = Object.assign(new Error("the connection ended without a reply"), {
      code: "ECONNRESET",
    });
    socket.on("end", () => reject(cut));
    socket.on("close", () => reject(cut));
  });
}
