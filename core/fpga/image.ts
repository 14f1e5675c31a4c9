/**
 * What is known of an FPGA image, kept beside it as `IMAGE.json`. An image without it is a set of kernels for
 * nobody knows what: a driver takes any image for its board and answers nonsense where the network is another one.
 */
import { z } from 'zod';
import { PRECISIONS } from '../network/precision';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(1).max(1_000_000);
const text = z.string().min(1).max(200);

export const foldingSchema = z.strictObject({
  layers: z
    .array(z.strictObject({ name: text, pe: count, simd: count, channelDepth: count }))
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
