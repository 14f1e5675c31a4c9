/** Text as CSV (RFC 4180) that no spreadsheet takes for a formula. */
export type Cell = string | number | null;

/**
 * A text that a spreadsheet would take for a formula is led by an apostrophe, as OWASP's page on CSV
 * injection advises.
 */
export function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  // Full-width forms of the four signs are taken for them by spreadsheets in East Asian settings.
  const harmless =
    /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]/u.test(cell) || /^[\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",;\t\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export function csvText(lines: readonly (readonly Cell[])[]): string {
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}
