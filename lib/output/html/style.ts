/**
 * How pages look, in light and dark.
 *
 * @module
 */

/** One style sheet for all pages. */
export const STYLE = `
:root{--paper:#fff;--ink:#1b1f24;--soft:#5b6470;--line:#d8dee4;--card:#f6f8fa;
--trusted:#1a7f37;--broken:#cf222e;--unproven:#9a6700;--missing:#cf222e;--outside:#6e7781}
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--line:#30363d;
--card:#161b22;--trusted:#3fb950;--broken:#f85149;--unproven:#d29922;--missing:#f85149;--outside:#8b949e}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{margin:0;font-size:1.5rem}h2{margin:2rem 0 .5rem;font-size:1.1rem}
header p,.hint,.small{color:var(--soft)}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
.drawing{margin-top:1rem;border:1px solid var(--line);border-radius:8px;background:var(--card);padding:.5rem}
svg{display:block;width:100%;max-height:36rem}
svg text{font:14px system-ui,sans-serif;fill:var(--ink);text-anchor:middle}
svg .small{font-size:12px;fill:var(--soft)}svg .note{font-size:12px;font-weight:600;fill:var(--broken)}
svg .mark{font-size:13px;fill:currentColor}
.node circle{fill:var(--paper);stroke:var(--trusted);stroke-width:2.5}
.node.broken circle{stroke:var(--broken)}.node.outside circle{stroke:var(--outside);stroke-dasharray:4 4}
.direction{color:var(--trusted)}.direction.broken,.direction.missing{color:var(--broken)}
.direction.unproven{color:var(--unproven)}
.direction>path{fill:none;stroke:currentColor;stroke-width:2.5}
.direction.missing>path{stroke-dasharray:2 7}.direction.one-way>path{stroke-dasharray:9 5;stroke-width:3.5}
.tip{fill:var(--trusted)}.tip.broken,.tip.missing{fill:var(--broken)}.tip.unproven{fill:var(--unproven)}
.face{fill:var(--paper);stroke:currentColor;stroke-width:1.5}.slice{fill:currentColor;opacity:.75}
.legend{display:flex;flex-wrap:wrap;gap:1rem;margin:.25rem .5rem;font-size:.85rem}
.legend span:not(.hint)::before{content:"";display:inline-block;width:1.4em;height:.25em;margin-right:.4em;
vertical-align:middle;background:currentColor}
.trusted{color:var(--trusted)}.broken,.missing{color:var(--broken)}.unproven{color:var(--unproven)}
details{margin:.5rem 0;border:1px solid var(--line);border-left:4px solid var(--trusted);border-radius:6px;
padding:.5rem .75rem;color:var(--ink)}
details.trusted,details.broken,details.missing,details.unproven{color:var(--ink)}
details.broken,details.missing{border-left-color:var(--broken)}details.unproven{border-left-color:var(--unproven)}
summary{cursor:pointer}
.badge{font-size:.8rem;font-weight:600;border:1px solid currentColor;border-radius:1em;padding:0 .6em}
table{width:100%;border-collapse:collapse;margin:.5rem 0;font-size:.9rem}
th,td{text-align:left;vertical-align:top;border-top:1px solid var(--line);padding:.3rem .5rem}
th{font-weight:500;white-space:nowrap}
tr.False td:nth-child(2),tr.failed td:nth-child(2){color:var(--broken);font-weight:600}
tr.Unknown td:nth-child(2),tr.progressing td:nth-child(2){color:var(--unproven)}
tr.True td:nth-child(2),tr.ready td:nth-child(2){color:var(--trusted)}
`;
