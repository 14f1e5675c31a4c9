/** What a command writes to, and what reaches it from the keyboard. */
export interface Terminal {
  /** Results only. */
  stdout: NodeJS.WritableStream;
  /** Progress and messages. */
  stderr: NodeJS.WritableStream;
  /** Whether stderr is shown to a person as it comes. */
  interactive: boolean;
  /** Calls the listener at every Ctrl-C, or when the system asks the program to end or its window is closed, instead of ending the program. Returns a function that stops this. */
  onInterrupt(listener: () => void): () => void;
}

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function processTerminal(): Terminal {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    interactive: process.stderr.isTTY === true,
    onInterrupt: (listener) => {
      for (const signal of ENDING_SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of ENDING_SIGNALS) process.off(signal, listener);
      };
    },
  };
}

/**
 * Names from drivers and files could hold control sequences of the terminal, or signs that turn the direction of
 * what is read: each becomes a ?.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]|[\p{Bidi_Control}\u2028\u2029]/gu, '?');
}

/** A cell is one line. */
function printableCell(text: string): string {
  return printable(text).replaceAll('\n', '?');
}

/** Columns of text, two spaces apart; numbers to the right. */
export function table(heads: string[], rows: (string | number)[][]): string {
  const lines = [heads, ...rows.map((row) => row.map((cell) => printableCell(String(cell))))];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const numeric = heads.map((_, column) => rows.length > 0 && rows.every((row) => isNumber(row[column]!)));
  const text = lines.map((line) =>
    line
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

function isNumber(cell: string | number): boolean {
  return /^([-\d.,]+|–)$/.test(String(cell));
}
