/** The one style sheet of an HTML report. Its content policy allows it by its hash and no other. */
export const REPORT_STYLE = `
:root { color-scheme: light; }
body { margin: 24px auto; max-width: 1080px; padding: 0 16px; background: #fff; color: #1c2126;
  font: 13px/20px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; }
h1 { font-size: 20px; line-height: 28px; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 32px 0 8px; border-bottom: 1px solid #d8dce1; }
h3 { font-size: 13px; margin: 0 0 2px; }
p { margin: 0 0 4px; }
.quiet { color: #565f6a; font-size: 12px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(680px, 100%), 1fr)); gap: 24px; }
figure { margin: 0; break-inside: avoid; }
figure svg { display: block; max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 12px; line-height: 16px; }
th { text-align: left; color: #565f6a; font-weight: 600; vertical-align: bottom; }
th, td { padding: 4px 6px; border-bottom: 1px solid #d8dce1; overflow-wrap: break-word; }
th.number, td.number { text-align: right; }
td.number { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px; margin: 0; font-size: 12px; }
dt { color: #565f6a; }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 20px; font-size: 12px; }
@page { size: A4; margin: 14mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; }
  .figures { display: block; }
  figure { margin-bottom: 20px; }
  figure svg { width: 100%; }
  .scroll { overflow: visible; }
  table { font-size: 8.5px; line-height: 11px; }
  th, td { padding: 2px 3px; }
  td.number { white-space: normal; }
  tr, .scroll { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;

/** SHA-256 of {@link REPORT_STYLE} as a content security policy names it. */
export const REPORT_STYLE_HASH = 'sha256-q32z7T6IoT3q8K2O9oPIiVW6HUk1ma2O4Hj3/Ng4P/E=';
