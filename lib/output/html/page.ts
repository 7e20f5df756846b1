/**
 * What every page is: it needs nothing beside itself, no script, no font, no request.
 *
 * @module
 */
import { html } from "./escape.ts";
import { STYLE } from "./style.ts";

/** A page around a body that is markup already; the title is text. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
