import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ReportContent, reportContent, USUAL_REPORT } from '../../../core/report/content';
import { csvCell } from '../../../core/report/csvCell';
import { detailTables } from '../../../core/report/details';
import { escapeMarkup } from '../../../core/report/escapeMarkup';
import type { TextFormatName } from '../../../core/report/formatNames';
import { writeReport } from '../../../core/report/formats';
import { REPORT_STYLE, REPORT_STYLE_HASH } from '../../../core/report/htmlStyle';
import { latexText } from '../../../core/report/latex';
import { markdownText } from '../../../core/report/markdown';
import { parseSession } from '../../../core/session/document';
import { mergeSessions } from '../../../core/session/merge';
import type { SessionDocument } from '../../../core/session/schema';
import { exampleSession } from '../session/exampleSession';
import { sessionTextIn } from '../session/sessionText';

const content = reportContent(exampleSession, USUAL_REPORT);
const write = (format: TextFormatName, of: ReportContent = content, embed = true) =>
  writeReport(format, of, { draw: ({ id }) => `<svg id="${escapeMarkup(id)}"></svg>`, embed });

describe('what stands below the runs', () => {
  const [run] = exampleSession.runs;
  const step = (name: string, kind: 'kernel' | 'upload', medianMs: number) => {
    return { name, kind, medianMs, quartilesMs: [medianMs, medianMs] as [number, number] };
  };
  const labels = [0, 1, 1, 2];
  const one: SessionDocument['runs'][number] = {
    ...run!,
    labels,
    predictions: [0, 1, 2, 2],
    imageIndices: null,
    timing: {
      ...run!.timing,
      layers: {
        batches: 3,
        steps: [step('upload', 'upload', 1), step('conv1', 'kernel', 3)],
        wholeMs: 4,
        kernelSumMs: 3,
      },
    },
  };
  const other: SessionDocument['runs'][number] = {
    ...one,
    id: 'other',
    model: { ...one.model, id: 'drawn', mode: 'stochastic' },
    predictions: [0, 1, 1, 1],
    accuracy: { correct: 3, total: 4 },
    sampling: {
      rule: 'latent',
      temperature: 0.25,
      seed: 1,
      latentSha256: null,
      correct: [2, 3, 4],
      averagedPredictions: [0, 1, 1, 2],
      averagedCorrect: 4,
    },
  };
  const of = reportContent({ ...exampleSession, runs: [one, other] }, USUAL_REPORT);

  it.each(['markdown', 'latex', 'html'] as const)('is in %s', (format) => {
    const text = write(format, of, false);
    for (const words of ['Drawn weights', 'correct in each draw: 2; 3; 4', 'conv1', 'Recall', 'McNemar']) {
      const written =
        format === 'markdown'
          ? markdownText(words)
          : format === 'latex'
            ? latexText(words)
            : escapeMarkup(words);
      expect(text.replaceAll('\\allowbreak{}', '')).toContain(written);
    }
  });

  it('are the mean, the spread and the worst of the draws, and the averaged logits', () => {
    const drawn = detailTables(of).find(({ title }) => title === 'Drawn weights');
    expect(drawn?.rows).toEqual([
      [
        expect.stringContaining('drawn on'),
        '3',
        '0.25',
        '75.00',
        '25.00',
        '50.00',
        '100.00',
        '100.00',
        '75.00',
      ],
    ]);
  });

  it('are precision, recall and the counts of each class', () => {
    const [classes] = detailTables(of).filter(({ title }) => title.startsWith('Classes'));
    expect(classes?.rows).toEqual([
      ['0', '1', '100.00', '100.00', '1', '0', '0'],
      ['1', '2', '100.00', '50.00', '0', '1', '1'],
      ['2', '1', '50.00', '100.00', '0', '0', '1'],
    ]);
  });

  it('is on which images two models differ', () => {
    const pairs = detailTables(of).find(({ title }) => title === 'Models on the same images');
    expect(pairs?.notes).toEqual([expect.stringMatching(/other answers for test images 2, 3$/)]);
  });
});

describe('a report as JSON', () => {
  it('is the session', () => {
    expect(parseSession(write('json'), '')).toEqual(exampleSession);
  });
});

describe('a report as CSV', () => {
  const [heads, ...rows] = write('csv')
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
  const cell = (row: number, head: string) => rows[row]?.[heads!.indexOf(head)];

  it('has a line for each run and failure, all of one width', () => {
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toHaveLength(heads!.length);
  });

  it('has the figures in full', () => {
    expect(cell(0, 'session')).toBe('Example');
    expect(cell(0, 'correct')).toBe('3');
    expect(cell(0, 'end_to_end_ms_per_image')).toBe('1.5');
    expect(cell(0, 'device_ms_per_image')).toBe('1');
    expect(cell(0, 'is_baseline')).toBe('yes');
    expect(cell(1, 'device_ms_per_image')).toBe('');
    expect(cell(1, 'verdict')).toBe('quick');
    expect(cell(1, 'unlike_the_baseline')).toBe('"samples; timing scope"');
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
    ['\u200b=1', `"'\u200b=1"`],
    ['＝1+1', `"'＝1+1"`],
    ['a,"b"', '"a,""b"""'],
    ['a;=1+1', '"a;=1+1"'],
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
    const text = write('markdown');
    expect(text).toContain(
      '| model | Device (Platform) | accuracy | fp32 | 2 | 4 | 3 | 75.00 | 30.06–95.44 | 1.50 | 1.00 | – | baseline | valid |',
    );
    expect(text).toContain('quick: 2 of 4 test images');
    expect(text).toContain('samples 2 against 4; timing scope end to end only against device and end to end');
    expect(text).toContain('It crashed.');
    expect(text).toContain('- Command: bnnw run');
    expect(text).toContain('a'.repeat(64));
  });

  it.each([
    ['a|b', 'a\\|b'],
    ['<script>', '\\<script\\>'],
    ['[x](y)', '\\[x\\](y)'],
    ['![x](y)', '\\!\\[x\\](y)'],
    ['*bold* _it_ `code`', '\\*bold\\* \\_it\\_ \\`code\\`'],
    ['line\n# head', 'line \\# head'],
    ['see https://example.org', '` see https://example.org `'],
    ['www.example.org `x` | y', '`` www.example.org `x` \\| y ``'],
    ['me@example.org', '` me@example.org `'],
  ])('shows %j as text', (text, written) => {
    expect(markdownText(text)).toBe(written);
  });
});

describe('a report as LaTeX', () => {
  it('has its tables in the manner of booktabs', () => {
    const text = write('latex');
    for (const rule of ['toprule', 'midrule', 'bottomrule']) expect(text).toContain(`\\${rule}`);
    expect(text).toContain('\\end{document}');
  });

  it.each([
    ['\\input{/etc/passwd}', '\\textbackslash{}input\\{/etc/passwd\\}'],
    ['50 % & #1 $x$ a_b', '50 \\% \\& \\#1 \\$x\\$ a\\_b'],
    ['^^5cinput', '\\textasciicircum{}\\textasciicircum{}5cinput'],
    ['\\\\[10cm]', '\\textbackslash{}\\textbackslash{}{[}10cm{]}'],
    ['--', '-{}-{}'],
    ['1.5 ± 0.1', '1.5 \\textpm{} 0.1'],
    ['日本\u0007', 'U+65E5U+672C'],
    ['Zürich', 'Zürich'],
  ])('shows %j as text', (text, written) => {
    expect(latexText(text)).toBe(written);
  });
});

describe('a report as HTML', () => {
  it('allows its style sheet and nothing else', () => {
    const hash = createHash('sha256').update(REPORT_STYLE).digest('base64');
    expect(REPORT_STYLE_HASH).toBe(`sha256-${hash}`);
    expect(write('html')).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;${REPORT_STYLE_HASH}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
  });

  it('has the charts, the runs, the guard’s marks, the failures and where all comes from', () => {
    const text = write('html');
    for (const part of [
      '<svg id="data/accuracy">',
      '<td>Device (Platform)</td>',
      'samples 2 against 4',
      'It crashed.',
      'a'.repeat(64),
    ]) {
      expect(text).toContain(part);
    }
  });

  it('holds its session, which opens again', () => {
    expect(parseSession(sessionTextIn(write('html')) ?? '', '')).toEqual(exampleSession);
    expect(sessionTextIn(write('html', content, false))).toBeNull();
  });
});

describe('texts of models, devices and sessions', () => {
  const attacks = [
    '</script><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '<!--',
    ']]><svg onload=alert(1)>',
    '&lt;script&gt;',
    'javascript:alert(1)',
    '=cmd|calc!A1',
    '\\write18{rm -rf}',
    '\u0000\u001b[31m\ud800',
  ];

  function attacked(attack: string): SessionDocument {
    const [first] = exampleSession.runs;
    if (first === undefined) throw new Error('no run');
    const run = {
      ...first,
      id: attack,
      device: { id: attack, name: attack, platform: attack, type: 'cpu' as const, driver: attack },
      model: { ...first.model, id: attack, topology: attack },
      dataset: { ...first.dataset, id: attack },
      kernels: { ...first.kernels, variant: attack },
      verdict: { valid: false, quick: false, reasons: [attack] },
      energy: { kind: 'not measured' as const, reason: attack },
    };
    const [failure] = exampleSession.failures;
    if (failure === undefined) throw new Error('no failure');
    return {
      ...exampleSession,
      ...{ name: attack, command: attack, program: { version: attack, commit: attack } },
      machine: { ...exampleSession.machine, cpu: attack, operatingSystem: attack },
      runs: [run, { ...run, id: `${attack}2` }],
      failures: [
        { ...failure, deviceName: attack, error: { ...failure.error, message: attack, where: attack } },
      ],
    };
  }

  /** The tags of a page with the names of their attributes. No text may add one, end one or change one. */
  function tagsOf(html: string): string[] {
    const page = html.slice(0, html.indexOf('<script')).replace(/<style>.*<\/style>/s, '');
    const script = html.slice(html.indexOf('<script'));
    const tags = (text: string) =>
      (text.match(/<[^>]*>?/g) ?? []).map((tag) => tag.replace(/"[^"]*"/g, '""'));
    return [...tags(page), ...tags(script)];
  }

  it.each(attacks)('become nothing but text: %j', (attack) => {
    const session = attacked(attack);
    const report = reportContent(session, USUAL_REPORT);
    const html = write('html', report);
    expect(tagsOf(html)).toEqual(tagsOf(write('html', reportContent(attacked('plain'), USUAL_REPORT))));
    expect(JSON.parse(sessionTextIn(html) ?? '')).toEqual(JSON.parse(JSON.stringify(session)));

    for (const line of write('csv', report).split('\r\n')) {
      expect(line).not.toMatch(/(?:^|,)"?[=+\-@]/);
    }
    expect(write('markdown', report)).not.toMatch(/(?<!\\)<(?:script|img|svg)/i);
    expect(write('latex', report)).not.toMatch(/\\write18|\\input/);
  });
});

describe('a report of several sessions', () => {
  const other: SessionDocument = {
    ...exampleSession,
    ...{ id: 'other', name: 'Other', machine: { ...exampleSession.machine, cpu: 'Another CPU' } },
  };
  const { createdAt, program } = exampleSession;
  const merged = mergeSessions([exampleSession, other], { id: 'both', name: 'Both', createdAt, program });

  it('names the session of each run, and flags what another machine measured', () => {
    const text = write('markdown', reportContent(merged, USUAL_REPORT));
    expect(text).toContain('| Session |');
    expect(text).toContain('machine Another CPU, 2 cores, Linux against CPU, 2 cores, Linux');
    expect(text).toContain('- Merged from: Other, other');
  });
});
