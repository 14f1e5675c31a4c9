/** Power over the time of each run, as its sensor told it; a power that was typed in has no course to draw. */
import type { RunView } from '../../session/view';
import type { Line, LinePoint, LinesFigure } from './figure';
import { axisFor, ends, energyKind, type FigureInput, markOf, OF_ENERGY, unlike } from './input';
import { competing, datasetName, distinguishingLabels } from './labels';

/** More lines than these cannot be followed. */
const MOST_LINES = 6;
/** As many as a chart has pixels to show them. */
const MOST_POINTS = 600;

interface Reading {
  seconds: number;
  watts: number;
}

/** Null breaks the line: the sensor said nothing there. */
function readingsOf({ power }: RunView): (Reading | null)[] {
  if (power === undefined) return [];
  const readings: (Reading | null)[] = [];
  power.atMs.forEach((atMs, i) => {
    const before = power.atMs[i - 1];
    const gap = power.gaps.some(({ startMs, endMs }) => {
      return before !== undefined && endMs > before && startMs < atMs;
    });
    if (gap) readings.push(null);
    readings.push({ seconds: atMs / 1000, watts: power.watts[i]! });
  });
  return readings;
}

/** Of each stretch the lowest and the highest reading, so that no peak is lost. */
function thinned(readings: (Reading | null)[]): (Reading | null)[] {
  if (readings.length <= MOST_POINTS) return readings;
  const stretch = Math.ceil(readings.length / (MOST_POINTS / 2));
  const kept: (Reading | null)[] = [];
  for (let start = 0; start < readings.length; start += stretch) {
    const part = readings.slice(start, start + stretch);
    const present = part.flatMap((reading) => reading ?? []);
    const lowest = present.reduce<Reading | null>((a, b) => (a === null || b.watts < a.watts ? b : a), null);
    const highest = present.reduce<Reading | null>((a, b) => (a === null || b.watts > a.watts ? b : a), null);
    if (lowest === null || highest === null) kept.push(null);
    else kept.push(...[...new Set([lowest, highest])].sort((a, b) => a.seconds - b.seconds));
  }
  return kept;
}

export function powerFigure(input: FigureInput): LinesFigure {
  const runs = competing(input.runs);
  const withPower = runs.filter(
    ({ power }) => power !== undefined && power.origin !== 'typed-in' && power.atMs.length > 1,
  );
  const shown = withPower
    .filter(({ id }) => id === input.baseline?.id)
    .concat(withPower.filter(({ id }) => id !== input.baseline?.id))
    .slice(0, MOST_LINES);
  const labels = distinguishingLabels(shown);
  const lines = shown.map((run, i): Line => {
    const points = thinned(readingsOf(run)).map((reading): LinePoint => {
      const [x, y] = reading === null ? [Number.NaN, Number.NaN] : [reading.seconds, reading.watts];
      return { runId: run.id, x, y, interval: null };
    });
    return { ...markOf(run, energyKind(run), labels[i]!, unlike(run, input, OF_ENERGY)), points };
  });
  const real = lines.flatMap(({ points }) => points.filter(({ x }) => !Number.isNaN(x)));
  const span = ends(real.map(({ x }) => ({ value: x, interval: null })));
  const scopes = [...new Set(shown.flatMap(({ power }) => power?.scope ?? []))];
  return {
    type: 'lines',
    id: `${input.datasetId}/power`,
    question: `${datasetName(input.datasetId)}: how much power, when?`,
    x: { title: 'seconds since the run began to be timed', scale: 'linear', range: span },
    y: {
      ...axisFor(`power, W (${scopes.join(', ')})`, {
        low: 0,
        high: ends(real.map(({ y }) => ({ value: y, interval: null }))).high,
      }),
    },
    pointwise: false,
    lines,
    notMeasured: runs.length - withPower.length,
    omitted: withPower.length - shown.length,
  };
}
