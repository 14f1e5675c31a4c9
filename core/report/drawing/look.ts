import { deviceColours } from './deviceColours';
import { DEVICE_COLOURS } from './palette';

export const FONT_SIZE_PX = 12;
export const ROW_HEIGHT_PX = 24;

/** Colours and letters of a drawing. */
export interface Look {
  text: string;
  quiet: string;
  line: string;
  ground: string;
  selected: string;
  /** A CSS font family. */
  font: string;
  /** Of a text in this look, in px. */
  widthOf(text: string): number;
  colourOf(deviceId: string): string;
}

/** What is marked in a figure by the person's choice. */
export interface Marks {
  selectedRunId: string | null;
  baselineRunId: string | null;
}

/** On paper and in reports; see {@link deviceColours} for the order of the devices. */
export function paperLook(deviceIds: readonly string[], widthOf: (text: string) => number): Look {
  const colours = deviceColours(deviceIds);
  return {
    text: '#1c2126',
    quiet: '#565f6a',
    line: '#d8dce1',
    ground: '#ffffff',
    selected: '#dfeafa',
    font: 'Arial, "Liberation Sans", "DejaVu Sans", Helvetica, sans-serif',
    widthOf,
    colourOf: (id) => colours.get(id) ?? DEVICE_COLOURS[0],
  };
}

/** The text, shortened in its middle where it is wider than there is room. */
export function fitted(text: string, roomPx: number, look: Look): string {
  if (look.widthOf(text) <= roomPx) return text;
  const cut = (kept: number) =>
    `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`;
  // The most letters that fit, by halves: a letter more is hardly ever narrower.
  let [least, most] = [2, text.length - 1];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (look.widthOf(cut(middle)) <= roomPx) least = middle;
    else most = middle - 1;
  }
  return cut(least);
}
