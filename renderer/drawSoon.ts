/**
 * Drawings that wait until the page has shown what changed, so that a table follows the keys while its figures
 * come right after. Several are drawn in a row, but no longer than a frame or two at a time.
 */
const LONGEST_MS = 24;
const waiting = new Set<() => void>();
const channel = new MessageChannel();
channel.port1.onmessage = work;

/** Once for each function, however often it is asked for. */
export function drawSoon(draw: () => void): void {
  if (waiting.size === 0) afterTheFrame();
  waiting.add(draw);
}

/** It is not wanted any more. */
export function drawNever(draw: () => void): void {
  waiting.delete(draw);
}

function afterTheFrame(): void {
  requestAnimationFrame(() => channel.port2.postMessage(null));
}

function work(): void {
  const endMs = performance.now() + LONGEST_MS;
  for (const draw of waiting) {
    waiting.delete(draw);
    draw();
    if (performance.now() > endMs) break;
  }
  if (waiting.size > 0) afterTheFrame();
}
