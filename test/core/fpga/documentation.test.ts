/** The figures in docs/fpga.md are the estimator's. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { layerArea, totalArea } from '../../../core/fpga/area';
import { pipelineTiming } from '../../../core/fpga/cycles';
import { batchImagesPerSecond } from '../../../core/fpga/estimate';
import { type Folding, foldedLayers, layerGeometries } from '../../../core/fpga/folding';
import { FPGA_BOARDS } from '../../../core/fpga/parts';
import { survey } from '../../../core/fpga/survey';
import { PUBLISHED } from '../../../core/network/topologies';
import type { Topology } from '../../../core/network/topology';
import { formatCount } from '../../../core/report/format';
import * as published from './publishedDesigns';

const document = readFileSync(join(__dirname, '../../../docs/fpga.md'), 'utf8');

it('holds what the estimator gives for the networks of the paper', { timeout: 60_000 }, () => {
  const surveys = PUBLISHED.map(({ topology }) => survey(topology, FPGA_BOARDS, ['a4']).estimates);
  const rows = FPGA_BOARDS.map(({ id, clockMHz }) => {
    const cells = surveys.flatMap((estimates) => {
      const found = estimates.find(({ boardId }) => boardId === id);
      const rates = found ? [found.imagesPerSecond, batchImagesPerSecond(found, 256)] : null;
      return rates?.map((rate) => formatCount(Math.round(rate))) ?? ['does not fit', ''];
    });
    return `| ${[id, clockMHz, ...cells].join(' | ')} |`;
  });
  expect(document).toContain(rows.join('\n'));
});

it.each<[string, Topology, Folding, number]>([
  ['BNN-PYNQ cnvW1A1', published.CNV, published.CNV_W1A1, 300],
  ['BNN-PYNQ cnvW2A2', published.CNV, published.CNV_W2A2, 300],
  ['FINN SFC-max', published.SFC, published.SFC_MAX, 200],
  ['BNN-PYNQ lfcW1A1', published.LFC, published.LFC_W1A1, 300],
])('holds what the formula gives for %s', (name, topology, folding, clockMHz) => {
  const row = document.split('\n').find((line) => line.startsWith(`| ${name} |`));
  const { interval } = pipelineTiming(layerGeometries(topology), folding);
  expect(row).toContain(` ${formatCount(Math.round((clockMHz * 1e6) / interval))}`);
});

it('holds how CNV-max is missed', () => {
  const { interval, latency, layers } = pipelineTiming(layerGeometries(published.CNV), published.CNV_W1A1);
  const us = (cycles: number) => Math.round((cycles / interval / 21_906) * 1e6);
  const sum = layers.reduce((total, { computeCycles }) => total + computeCycles, 0);
  expect(document).toContain(`| 283 us | ${us(latency)} us |`);
  expect(document).toContain(`takes cnvW1A1's foldings ${(latency / interval).toFixed(2)} intervals`);
  expect(document).toContain(`it would be ${(sum / interval).toFixed(2)} intervals, ${us(sum)} us`);
});

it('holds how the area compares', () => {
  const area = (topology: Topology, folding: Folding) =>
    totalArea(
      foldedLayers(layerGeometries(topology), folding).map(({ layer, folding: entry }) =>
        layerArea(layer, entry, { bits: 1, largest: 1 }, FPGA_BOARDS.find(({ id }) => id === 'u250')!),
      ),
    );
  const sfc = area(published.SFC, published.SFC_MAX).adderBits / 91_131;
  expect(document).toContain(`${sfc.toFixed(1)} times the published 91,131 LUTs of SFC-max`);
});
