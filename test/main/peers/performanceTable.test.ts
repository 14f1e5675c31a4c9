import { describe, expect, it } from 'vitest';
import type { Run, SessionDocument } from '../../../core/session/schema';
import { exampleSession } from '../../core/session/exampleSession';
import { performancePage } from '../../peers/performanceTable';

const [example] = exampleSession.runs as [Run];

function run(id: string, name: string, samples: number[], verdict: Run['verdict']): Run {
  const endToEndMsPerBatch = { ...example.timing.endToEndMsPerBatch, samples };
  return {
    ...example,
    device: { ...example.device, id, name },
    timing: { ...example.timing, endToEndMsPerBatch },
    verdict,
  };
}

const full = { valid: true, quick: false, reasons: [] };
const session: SessionDocument = {
  ...exampleSession,
  name: 'model: this engine and its peers',
  command: 'npm run bench:peers -- --python /some/where/python --batch 2',
  runs: [
    run('opencl:p:d', 'Device', [2, 2, 2], full),
    run('peer:x', 'a | peer', [6, 6, 6], { ...full, quick: true }),
  ],
};

describe('docs/performance.md', () => {
  const page = performancePage([session]);

  it('says what was measured, where, when and how', () => {
    expect(page).toContain('## model: this engine and its peers');
    for (const part of [
      session.machine.cpu,
      session.createdAt.slice(0, 10),
      '`npm run bench:peers -- --batch 2`',
    ])
      expect(page).toContain(part);
  });

  it('has a line a program with its time an image and its accuracy, then how many times longer the peers took', () => {
    const lines = page.split('\n').filter((line) => line.startsWith('|'));
    expect(lines).toEqual([
      '| Program | Precision | ms an image | Batches | Correct | Verdict |',
      '| --- | --- | --- | --- | --- | --- |',
      '| this engine, portable fp32 | fp32 | 1.0000 [1.0000, 1.0000] | 3 | 3 of 4 | full |',
      '| a \\| peer 1.0 | fp32 | 3.0000 [3.0000, 3.0000] | 3 | 3 of 4 | quick |',
      '| This engine | Driver | x the best fp32 peer (a \\| peer) |',
      '| --- | --- | --- |',
      '| fp32 | Platform | 3.00 [3.00, 3.00] |',
    ]);
  });

  it('shows the worst case beside the figures, without an accuracy', () => {
    const [own, peer] = session.runs as [Run, Run];
    const worst = { ...own, model: { ...own.model, id: `${own.model.id}, all activations at the top` } };
    const text = performancePage([{ ...session, runs: [own, worst, peer] }]);
    expect(text).toContain(
      '| this engine, portable fp32, worst case | fp32 | 1.0000 [1.0000, 1.0000] | 3 | – | full |',
    );
    expect(text.match(/^### .*/gm)).toHaveLength(1);
  });

  it('gives each network and batch size tables of their own', () => {
    const other = session.runs.map((each) => ({ ...each, model: { ...each.model, id: 'other' } }));
    const runs = [...session.runs, ...session.runs.map((each) => ({ ...each, batchSize: 1 })), ...other];
    const headings = performancePage([{ ...session, runs }]).match(/^### .*/gm);
    const id = example.model.id;
    expect(headings).toEqual([`### ${id}, batch 2`, `### ${id}, batch 1`, '### other, batch 2']);
  });
});
