/** What must be read with a figure: what its marks mean, what is missing, and what is not alike. */
import { formatCount } from '../format';
import { type Figure, type Kind, marksOf } from './figure';

const KINDS: Record<Kind, string> = {
  measured: 'solid: measured',
  'typed-in': 'outlined: typed in',
  emulated: 'hatched: emulated, no time of a board',
  estimated: 'hollow and dashed: estimated, not measured',
};

function runs(count: number): string {
  return count === 1 ? '1 run' : `${formatCount(count)} runs`;
}

/** @param baselineId the run that others are compared with */
export function figureNotes(figure: Figure, baselineId: string | null): string[] {
  const marks = marksOf(figure);
  const kinds = new Set(marks.map(({ kind }) => kind));
  const baseline = marks.find(({ runId }) => runId === baselineId);
  const odd = marks.filter(({ unlike }) => unlike.length > 0).length;
  return [
    ...(baseline && figure.type === 'rank' ? [`dashed line: ${baseline.label}, the baseline`] : []),
    ...(figure.type === 'trade-off' ? ['line: runs that no other beats in both'] : []),
    ...(kinds.size > 1 || !kinds.has('measured') ? [...kinds].map((kind) => KINDS[kind]) : []),
    ...(marks.some(({ valid }) => !valid) ? ['crossed: invalid'] : []),
    ...(odd > 0
      ? [
          `≠: not measured alike, ${runs(odd)}; see the table for how they differ from the ${baselineId === null ? 'first run' : 'baseline'}`,
        ]
      : []),
    ...(figure.notMeasured > 0 ? [`${runs(figure.notMeasured)} without such a value`] : []),
    ...(figure.omitted > 0 ? [`${runs(figure.omitted)} more are left out here`] : []),
  ];
}

/** The figure in words, for those who cannot see it. */
export function figureInWords(figure: Figure): string {
  const text = (): string => {
    switch (figure.type) {
      case 'rank':
        return `${figure.axis.title}. ${figure.rows.map((row) => [`${row.label}: ${row.text}`, row.ratio ?? []].flat().join(', ')).join('; ')}`;
      case 'trade-off':
        return `${figure.x.title} and ${figure.y.title}. ${figure.points.map((point) => `${point.label}: ${point.xText} and ${point.yText}`).join('; ')}`;
      case 'lines':
        return `${figure.y.title} over ${figure.x.title}. ${figure.lines.map((line) => line.label).join('; ')}`;
      case 'distribution':
        return `${figure.axis.title}. ${figure.rows.map((row) => `${row.label}: ${row.text}`).join('; ')}`;
      case 'grid':
        return `${figure.title}. ${figure.rows.map((row) => row.label).join('; ')}`;
    }
  };
  return `${figure.question} ${text()}.`;
}
