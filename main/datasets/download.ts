/** One file over HTTP, written as it arrives. */
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { http, https } from 'follow-redirects';

const ANSWER_WITHIN_MS = 5_000;
const SILENCE_AT_MOST_MS = 30_000;

/**
 * Downloads `address` to `file`. What was written of it when it fails is the caller's to remove.
 * @param maxBytes a longer answer is given up
 * @throws Error with a sentence: no answer within 5 s, 30 s of silence, another status than 200, too long, cut short
 */
export async function download(
  address: string,
  file: string,
  maxBytes: number,
  onBytes: (done: number, total: number | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const answer = await request(address, signal);
  const announced = Number(answer.headers['content-length'] ?? Number.NaN);
  const total = Number.isFinite(announced) ? announced : null;
  let done = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      onBytes(done, total);
      next(done > maxBytes ? new Error(`the answer has more than ${maxBytes} bytes`) : null, chunk);
    },
  });
  await pipeline(answer, count, createWriteStream(file), { signal });
  if (total !== null && done !== total) throw new Error(`the answer ended after ${done} of ${total} bytes`);
}

function request(address: string, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = address.startsWith('https:');
  return new Promise((resolve, reject) => {
    const sent = (secure ? https : http).get(
      address,
      {
        signal,
        maxRedirects: 5,
        beforeRedirect: (target: { protocol?: string | null }) => {
          if (secure && target.protocol !== 'https:')
            throw new Error('a secure address redirects to an insecure one');
        },
      },
      (answer) => {
        clearTimeout(timer);
        if (answer.statusCode !== 200) {
          answer.destroy();
          reject(new Error(`the answer was ${answer.statusCode} ${answer.statusMessage}`));
          return;
        }
        answer.setTimeout(SILENCE_AT_MOST_MS, () =>
          answer.destroy(new Error(`nothing arrived for ${SILENCE_AT_MOST_MS / 1000} s`)),
        );
        resolve(answer);
      },
    );
    const timer = setTimeout(
      () => sent.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`)),
      ANSWER_WITHIN_MS,
    );
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
