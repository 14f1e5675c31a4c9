/**
 * What is known of an FPGA image, kept beside it as `IMAGE.json`. An image without it is a set of kernels for
 * nobody knows what: a driver takes any image for its board and answers nonsense where the network is another one.
 */
import { z } from 'zod';
import { PRECISIONS } from '../network/precision';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(1).max(1_000_000);
const MOST_NAME = 200;
/** Control characters, and those that turn the direction of what is read. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
const text = z
  .string()
  .min(1)
  .max(MOST_NAME)
  .refine((value) => !UNPRINTABLE.test(value), 'it has characters that cannot be shown');

/** Whether a board, network or kernel may be called so: a line of a table has room for it. */
export function isPlainName(name: string): boolean {
  return text.safeParse(name).success;
}

/** A file's name as a table can show it: what cannot be shown is a ?. */
export function shownName(name: string): string {
  return name.slice(0, MOST_NAME).replace(new RegExp(UNPRINTABLE, 'gu'), '?');
}

export const foldingSchema = z.strictObject({
  layers: z
    .array(
      z.strictObject({
        name: text,
        pe: count,
        simd: count,
        channelDepth: count,
        weights: z.literal('streamed').optional(),
      }),
    )
    .min(1)
    .max(1000),
});

export const imageManifestSchema = z.strictObject({
  format: z.literal('bnn-workbench-fpga-image'),
  version: z.literal(1),
  /** Of the image file. */
  sha256,
  bytes: z.number().int().min(1),
  vendor: z.enum(['intel', 'amd']),
  /** An image for the vendor's emulator runs on no board, and the other way round. */
  target: z.enum(['board', 'emulator']),
  /** As the SDK names it: `de10_standard_sharedonly`, `xilinx_u250_gen3x16_xdma_4_1_202210_1`. */
  board: text,
  /** As the compiler tells it: `Intel(R) FPGA SDK for OpenCL(TM) 19.1.0 Build 240`. */
  sdkVersion: text,
  /** Names of all kernels in the image. */
  kernels: z.array(text).min(1).max(1000),
  /** The topology's id, for people. */
  network: text,
  /** Of what the kernels were generated from: layers, precision, folding, and weights where they are built in. */
  networkSha256: sha256,
  precision: z.enum(PRECISIONS),
  /** Of the scales that are built in; null where they are loaded at run time. */
  scalesSha256: sha256.nullable(),
  folding: foldingSchema,
  /** ISO 8601. */
  builtAt: z.iso.datetime(),
});
export type ImageManifest = z.infer<typeof imageManifestSchema>;

/** Ending of the file beside an image that holds its manifest: `network.aocx.json`. */
export const MANIFEST_SUFFIX = '.json';

export interface ImageUsage {
  used: number;
  /** Null where the report does not tell. */
  of: number | null;
}

/** As the vendor's compiler reports them for a finished image; null where it does not. */
export interface ImageResources {
  /** ALMs (Intel) or LUTs (AMD). */
  logic: ImageUsage | null;
  memoryBlocks: ImageUsage | null;
  dspBlocks: ImageUsage | null;
}

/** An image in the library. */
export interface FpgaImageInfo {
  id: string;
  /** Of the copy in the library. */
  path: string;
  /** Name of the file that was added. */
  name: string;
  bytes: number;
  sha256: string;
  /** ISO 8601. */
  addedAt: string;
  vendor: ImageManifest['vendor'];
  target: ImageManifest['target'];
  board: string;
  sdkVersion: string | null;
  /** MHz of the kernels as the image or its report tells; null where neither does. */
  clockMHz: number | null;
  resources: ImageResources | null;
  /** Lines of the compiler's report whose figures cannot be right: they are taken for missing. */
  unreadableLines: string[];
  /** Null for an image of unknown kernels: it is kept, but no run can use it. */
  manifest: ImageManifest | null;
  /** Why it cannot be used now, such as a file that is gone; null where nothing is known against it. */
  problem: string | null;
}

/** What a person has to know of an image, beside its figures; empty where there is nothing. */
export function imageRemark({ problem, manifest, unreadableLines }: FpgaImageInfo): string {
  if (problem !== null) return problem;
  const remarks = unreadableLines.map((line) => `A line of the report cannot be right: ${line}`);
  return [...(manifest ? [] : ['No manifest: no run can use it']), ...remarks].join('; ');
}

/** What a run needs of an image. */
export interface ImageNeeds {
  vendor: ImageManifest['vendor'];
  target: ImageManifest['target'];
  networkSha256: string;
  scalesSha256: string | null;
  kernels: readonly string[];
  /** As the driver names it; null where the driver does not tell. */
  board: string | null;
}

/** What of an image is not as a run needs it, each in words; empty where it fits. */
export function imageMismatches(manifest: ImageManifest, needs: ImageNeeds): string[] {
  const { vendor, target, board, networkSha256, scalesSha256, kernels } = manifest;
  const missing = needs.kernels.filter((name) => !kernels.includes(name));
  const all: [boolean, string][] = [
    [vendor !== needs.vendor, `it is an image for ${vendor === 'intel' ? 'Intel’s' : 'AMD’s'} boards`],
    [
      target !== needs.target,
      target === 'emulator' ? 'it is for the emulator' : 'it is for a board, not the emulator',
    ],
    [needs.board !== null && board !== needs.board, `it is for the board ${board}, not ${needs.board}`],
    [
      networkSha256 !== needs.networkSha256,
      `its kernels were generated for another network, precision or folding (${manifest.network}, ${manifest.precision})`,
    ],
    [
      scalesSha256 !== null && scalesSha256 !== needs.scalesSha256,
      'it has the scales of another model built in',
    ],
    [missing.length > 0, `it lacks the kernels ${missing.join(', ')}`],
  ];
  return all.filter(([wrong]) => wrong).map(([, words]) => words);
}
