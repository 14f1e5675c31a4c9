import { expect, it } from 'vitest';
import { answersOf, viewOf } from '../../../core/session/view';
import { exampleSession } from './exampleSession';

it('a face gets everything but the answers image by image, which it asks for', () => {
  const [run] = exampleSession.runs;
  const answers = { imageIndices: null, predictions: [0], labels: [1] };
  const failures = exampleSession.failures.map((failure) => ({ ...failure, answers }));
  const view = viewOf({ ...exampleSession, failures });
  expect({ ...view.runs[0], ...answersOf(run!) }).toEqual(run);
  expect(view.failures).toEqual(exampleSession.failures);
  expect(JSON.stringify(view)).not.toMatch(/predictions|labels|imageIndices/);
});
