import { formatCount } from '../../../core/report/format';
import type { JobRun } from '../../stores/job';
import { texts } from '../../texts';

/** What is being done now: `building kernels`, or `1,024 of 10,000 images` while it runs. */
export function phaseText(run: JobRun): string {
  if (run.phase === 'running' && run.totalImages > 0) {
    return texts.run.imagesOf(formatCount(run.doneImages), formatCount(run.totalImages));
  }
  const phase = run.phase === null ? texts.states[run.state] : texts.phases[run.phase];
  return run.detail === null ? phase : `${phase}: ${run.detail}`;
}
