/** Figures that long tests find out. `npm run test:long` gathers them into one table. */
import { appendFileSync } from 'node:fs';

/** @param what was done, with its size */
export function figure(subject: string, what: string): void {
  process.stdout.write(`${subject}: ${what}\n`);
  const file = process.env.BNNW_FIGURES;
  if (file) appendFileSync(file, `${JSON.stringify({ subject, what })}\n`);
}
