import { describe, expect, it } from 'vitest';
import { csvCell, sessionToCsv } from '../../../core/report/csv';
import { REPORT_FORMATS } from '../../../core/report/formats';
import { markdownText, sessionToMarkdown } from '../../../core/report/markdown';
import { parseSession } from '../../../core/session/document';
import { exampleSession } from '../session/exampleSession';

describe('a report as JSON', () => {
  it('is the session', () => {
    expect(parseSession(REPORT_FORMATS.json.render(exampleSession), '')).toEqual(exampleSession);
  });
});

describe('a report as CSV', () => {
  const [heads, ...rows] = sessionToCsv(exampleSession)
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  const cell = (row: number, head: string) => rows[row]?.[heads!.indexOf(head)];

  it('has a line for each run and failure, all of one width', () => {
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toHaveLength(heads!.length);
  });

  it('has the figures in full', () => {
    expect(cell(0, 'correct')).toBe('3');
    expect(cell(0, 'end_to_end_ms_per_image')).toBe('1.5');
    expect(cell(0, 'device_ms_per_image')).toBe('1');
    expect(cell(1, 'device_ms_per_image')).toBe('');
    expect(cell(1, 'verdict')).toBe('quick');
    expect(cell(2, 'verdict')).toBe('failed');
    expect(cell(2, 'reasons')).toBe('It crashed.');
  });

  it.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['  =1', `"'  =1"`],
    ['a,"b"', '"a,""b"""'],
    ['two\nlines', '"two\nlines"'],
  ])('shows %j and does not compute it', (text, written) => {
    expect(csvCell(text)).toBe(written);
  });

  it('leaves numbers alone', () => {
    expect(csvCell(-1.5)).toBe('-1.5');
  });
});

describe('a report as Markdown', () => {
  it('has the figures, the failures and where they come from', () => {
    const text = sessionToMarkdown(exampleSession);
    expect(text).toContain(
      '| model | Device (Platform) | fp32 | 2 | 4 | 3 | 75.00 | 1.50 | 1.00 | – | valid |',
    );
    expect(text).toContain('quick: 2 of 4 test images');
    expect(text).toContain('It crashed.');
    expect(text).toContain('- Command: bnnw run');
    expect(text).toContain('a'.repeat(64));
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['<script>', '\\<script\\>'],
    ['[x](y)', '\\[x\\](y)'],
    ['*bold* _it_ `code`', '\\*bold\\* \\_it\\_ \\`code\\`'],
    ['line\n# head', 'line \\# head'],
    ['see https://example.org', '` see https://example.org `'],
    ['www.example.org `x` | y', '`` www.example.org `x` \\| y ``'],
    ['me@example.org', '` me@example.org `'],
  ])('shows %j as text', (text, written) => {
    expect(markdownText(text)).toBe(written);
  });
});
