import type { Mode } from '../../network/topology';

/**
 * Colours that stay apart for colour-blind eyes, in both themes and in grey (M. Okabe and K. Ito, "Color
 * universal design", 2008), without their yellow, which vanishes on white, and their black.
 */
export const DEVICE_COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'] as const;

/** A mode is a shape, so that colour can mean the device. Names as Chart.js knows them. */
export const MODE_SHAPES = {
  none: 'rect',
  deterministic: 'circle',
  stochastic: 'triangle',
} as const satisfies Record<Mode, string>;
