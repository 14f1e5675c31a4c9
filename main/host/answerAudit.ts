/**
 * Asks again after the timed run: one image of each of its batches, gathered into few. Self-tests before and after
 * see a device that has begun to answer wrongly; this sees the one read that went wrong in between.
 */
import { WorkbenchError } from '../../core/errors';
import type { Precision } from '../../core/network/precision';
import { Random } from '../../core/statistics/random';
import type { PreparedNetwork } from '../devices/device';
import { checkShape, yieldToMessages } from './batchTimer';
import { batchImages, type RunImages } from './runImages';
import { selfTestTolerance } from './selfTest';

/** With batches of one image this is a part of them; with full batches it is every one. */
const MOST_IMAGES = 2000;

export interface AuditParts {
  network: PreparedNetwork;
  classes: number;
  chosen: RunImages;
  precision: Precision;
  seed: number;
}

interface Noted {
  /** Place in the run's order. */
  position: number;
  logits: Float32Array;
}

export class AnswerAudit {
  private readonly random: Random;
  private readonly noted: Noted[] = [];
  private seen = 0;

  constructor(private readonly parts: AuditParts) {
    this.random = new Random(parts.seed);
  }

  /** @param logits of whole batches, the last one filled up */
  note(firstBatch: number, batches: number, logits: Float32Array): void {
    const { network, classes, chosen } = this.parts;
    const { batchSize } = network;
    for (let i = 0; i < batches; i++) {
      const start = (firstBatch + i) * batchSize;
      const place = this.random.below(Math.min(batchSize, chosen.count - start));
      const offset = (i * batchSize + place) * classes;
      this.keep({ position: start + place, logits: logits.slice(offset, offset + classes) });
    }
  }

  /** @throws WorkbenchError `wrong-answer`, `cancelled`, those of the device */
  async check(cancelled: AbortSignal): Promise<void> {
    const { network, classes, chosen, precision } = this.parts;
    const indices = this.noted.map(({ position }) => chosen.indices?.[position] ?? position);
    const images: RunImages = { ...chosen, indices, count: indices.length };
    for (let first = 0; first * network.batchSize < indices.length; first++) {
      await yieldToMessages();
      if (cancelled.aborted) throw new WorkbenchError('cancelled', 'The run was cancelled.');
      const bytes = batchImages(images, first, 1, network.batchSize);
      const again = checkShape(await network.run(bytes, 1), 1, network.batchSize, classes).logits;
      const batch = this.noted.slice(first * network.batchSize, (first + 1) * network.batchSize);
      batch.forEach(({ logits }, i) => {
        const tolerance = selfTestTolerance(precision, logits);
        const isSame = logits.every((logit, c) => Math.abs(logit - again[i * classes + c]!) <= tolerance);
        if (!isSame) throw otherAnswer(indices[first * network.batchSize + i]!);
      });
    }
  }

  /** Each batch has the same chance where not all can be kept. */
  private keep(noted: Noted): void {
    this.seen++;
    if (this.noted.length < MOST_IMAGES) this.noted.push(noted);
    else {
      const place = this.random.below(this.seen);
      if (place < MOST_IMAGES) this.noted[place] = noted;
    }
  }
}

export function otherAnswer(image: number): WorkbenchError {
  return new WorkbenchError('wrong-answer', 'The device changed its answer while it was timed.', {
    where: `test image ${image}`,
    remedy: 'Update its driver, or choose another device or precision.',
  });
}
