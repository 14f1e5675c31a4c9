/** Shows a job's events on standard error: a bar on a terminal, else a line a step. */
import { SingleBar } from 'cli-progress';
import type { HostEvent } from '../../core/contract/host';
import { scoreOf } from '../../core/evaluation/accuracy';
import { formatDuration, formatNumber, formatPercent } from '../../core/report/format';
import { summarizeRun } from '../../core/report/runSummary';
import { errorText } from './failure';
import { printable, type Terminal } from './terminal';

type Progress = Extract<HostEvent, { kind: 'run-progress' }>;

export interface ProgressView {
  show(event: HostEvent): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

export function progressView(terminal: Terminal): ProgressView {
  return terminal.interactive ? new BarView(terminal) : new LineView(terminal);
}

class LineView implements ProgressView {
  /** The last line of each run; those that take turns are told as others are. */
  private readonly shown = new Map<number, string>();
  private totalRuns = 0;

  constructor(private readonly terminal: Terminal) {}

  show(event: HostEvent): void {
    switch (event.kind) {
      case 'run-progress': {
        const line = `${place(event.runIndex, this.totalRuns)} ${labelOf(event)}: ${event.phase}`;
        if (line === this.shown.get(event.runIndex)) return;
        this.shown.set(event.runIndex, line);
        this.terminal.stderr.write(`${printable(line)}\n`);
        return;
      }
      case 'run-finished':
      case 'run-failed':
        this.terminal.stderr.write(endLine(event, this.totalRuns));
        return;
      case 'job-started':
        this.totalRuns = event.totalRuns;
        return;
      case 'job-queued':
      case 'job-paused':
      case 'job-continued':
      case 'job-finished':
        return;
    }
  }

  end(): void {}
}

class BarView implements ProgressView {
  private bar: SingleBar | null = null;
  /** Those that have begun and not ended; several take turns, and the bar stands for all of them. */
  private readonly open = new Map<number, Progress>();
  private totalRuns = 0;

  constructor(private readonly terminal: Terminal) {}

  show(event: HostEvent): void {
    switch (event.kind) {
      case 'run-progress': {
        this.open.set(event.runIndex, event);
        const runs = [...this.open.values()];
        const sum = (figure: (run: Progress) => number) => runs.reduce((all, run) => all + figure(run), 0);
        const values = barValues(event, this.totalRuns, runs.length);
        const total = Math.max(
          1,
          sum((run) => run.totalImages),
        );
        this.bar ??= this.start(total, values);
        this.bar.setTotal(total);
        this.bar.update(
          sum((run) => run.doneImages),
          values,
        );
        return;
      }
      case 'run-finished':
      case 'run-failed':
        this.end();
        this.open.delete(event.runIndex);
        this.terminal.stderr.write(endLine(event, this.totalRuns));
        return;
      case 'job-started':
        this.totalRuns = event.totalRuns;
        return;
      case 'job-queued':
      case 'job-paused':
      case 'job-continued':
      case 'job-finished':
        return;
    }
  }

  end(): void {
    this.bar?.stop();
    this.bar = null;
  }

  private start(total: number, values: object): SingleBar {
    const bar = new SingleBar({
      stream: this.terminal.stderr,
      format: '{place} [{bar}] {percentage} %  {label}  {step}  {left}',
      barsize: 20,
      barCompleteChar: '#',
      barIncompleteChar: '.',
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
    });
    bar.start(total, 0, values);
    return bar;
  }
}

function barValues(event: Progress, totalRuns: number, openRuns: number) {
  const turns = openRuns > 1 && event.phase === 'running';
  return {
    place: turns ? `[${totalRuns}]` : place(event.runIndex, totalRuns),
    label: turns ? `${openRuns} runs in turns` : printable(labelOf(event)),
    step: printable(event.detail ?? event.phase),
    left: event.secondsLeft === null ? '' : `${formatDuration(event.secondsLeft)} left`,
  };
}

function place(runIndex: number, totalRuns: number): string {
  return `[${runIndex + 1}/${totalRuns}]`;
}

function labelOf({ modelId, deviceName, precision, batchSize }: Progress): string {
  return `${modelId} on ${deviceName}, ${precision}, batch ${batchSize}`;
}

/** What is no fault of the run is not called failed. */
const FAILURE_WORDS: Record<string, string> = { unsupported: 'cannot run here', cancelled: 'cancelled' };

function endLine(
  event: Extract<HostEvent, { kind: 'run-finished' | 'run-failed' }>,
  totalRuns: number,
): string {
  const start = place(event.runIndex, totalRuns);
  if (event.kind === 'run-failed') {
    const { modelId, error } = event.failure;
    return `${start} ${printable(modelId)}: ${FAILURE_WORDS[error.kind] ?? 'failed'}\n`;
  }
  const { model } = event.run;
  const percent = formatPercent(scoreOf(event.run) ?? Number.NaN);
  const ms = formatNumber(summarizeRun(event.run).endToEndMsPerImage.value);
  return `${start} ${printable(model.id)}: ${percent} % correct, ${ms} ms an image\n`;
}

/** What went wrong in a run, in full. */
export function failureText(
  failure: Extract<HostEvent, { kind: 'run-failed' }>['failure'],
  verbose: boolean,
): string {
  const { modelId, deviceName, precision, batchSize, error } = failure;
  return `${printable(`${modelId} on ${deviceName}, ${precision}, batch ${batchSize}`)}\n${errorText(error, verbose)}`;
}
