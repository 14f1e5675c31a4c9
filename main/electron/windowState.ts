/** Where the window was when it was closed last, kept in the settings folder. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeFoldersSync } from '../storage/makeFolders';

const boundsSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
});
export type Bounds = z.infer<typeof boundsSchema>;

const stateSchema = z.object({ bounds: boundsSchema, maximized: z.boolean() });
export type WindowState = z.infer<typeof stateSchema>;

/** Enough of a window to take hold of it with the mouse. */
const VISIBLE_PX = 64;

/** The state that was kept, or null where there is none or it cannot be read (the window then opens as new). */
export function readWindowState(path: string): WindowState | null {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

export function writeWindowState(path: string, state: WindowState): void {
  makeFoldersSync(dirname(path));
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(state)}\n`);
  renameSync(fresh, path);
}

/** Whether a window there can be seen and moved: a monitor may be gone since. */
export function isReachable(bounds: Bounds, displays: Bounds[]): boolean {
  return displays.some((display) => {
    const width =
      Math.min(bounds.x + bounds.width, display.x + display.width) - Math.max(bounds.x, display.x);
    const top = bounds.y >= display.y - VISIBLE_PX && bounds.y <= display.y + display.height - VISIBLE_PX;
    return top && width >= VISIBLE_PX;
  });
}
