/**
 * Foreign text in messages.
 *
 * @module
 */

/**
 * Foreign text in quotation marks, on one line and cut to `limit` characters.
 * Whoever shows the message still passes it through `printable()`.
 */
export function quote(text: string, limit = 80): string {
  return JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
}
