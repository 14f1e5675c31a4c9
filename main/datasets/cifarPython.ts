/**
 * CIFAR-10, python version: a pickled dictionary with `labels`, `data` (a numpy array of bytes, one row of 3 x 32 x 32
 * an image) and texts that nobody needs here. This is no unpickler: the file is read as the fixed sequence of opcodes
 * that the publishers' Python 2 wrote, and whatever differs from it is refused.
 */
import { MAX_BYTES, readBoundedFile } from './boundedFile';
import { CIFAR_IMAGE_BYTES, checkLabel, emptyCifarSplit, interleave } from './cifar';
import { PickleTokens, type Token } from './pickleTokens';
import type { Split } from './split';

/** numpy.ndarray of bytes, up to its number of rows. */
const ARRAY_HEAD = [
  'global numpy.core.multiarray._reconstruct',
  'global numpy.ndarray',
  'integer 0',
  'tuple of 1',
  'text b',
  'tuple of 3',
  'reduce',
  'mark',
  'integer 1',
];
/** From behind the number of rows to the bytes: row length, element type `u1`, C order. */
const ARRAY_BODY = [
  `integer ${CIFAR_IMAGE_BYTES}`,
  'tuple of 2',
  'global numpy.dtype',
  'text u1',
  'integer 0',
  'integer 1',
  'tuple of 3',
  'reduce',
  'mark',
  'integer 3',
  'text |',
  'none',
  'none',
  'none',
  'integer -1',
  'integer -1',
  'integer 0',
  'tuple',
  'build',
  'false',
];

interface Batch {
  /** One row of 3 x 32 x 32 bytes an image, a view of the file. */
  planes: Uint8Array;
  labels: number[];
}

/**
 * The images of all files, in order.
 * @throws WorkbenchError `refused-file`
 */
export async function readCifarPython(files: readonly string[]): Promise<Split> {
  const batches: Batch[] = [];
  let bytesLeft = MAX_BYTES;
  for (const file of files) {
    const bytes = await readBoundedFile(file, bytesLeft);
    bytesLeft -= bytes.length;
    batches.push(parseBatch(bytes, file));
  }
  const split = emptyCifarSplit(batches.reduce((sum, { labels }) => sum + labels.length, 0));
  let image = 0;
  for (const { planes, labels } of batches) {
    split.labels.set(labels, image);
    for (let start = 0; start < planes.length; start += CIFAR_IMAGE_BYTES, image++) {
      interleave(planes, start, split.images, image * CIFAR_IMAGE_BYTES);
    }
  }
  return split;
}

function parseBatch(bytes: Buffer, file: string): Batch {
  const tokens = new PickleTokens(bytes, file);
  let planes: Uint8Array | null = null;
  let labels: number[] | null = null;
  tokens.expect('empty dict');
  tokens.expect('mark');
  for (let key = tokens.next(); key.what !== 'setitems'; key = tokens.next()) {
    if (key.what === 'text data' && planes === null) planes = parseArray(tokens);
    else if (key.what === 'text labels' && labels === null) labels = parseLabels(tokens, file);
    else if (key.what === 'text filenames') skipTexts(tokens);
    else if (key.what === 'text batch_label') skipText(tokens);
    else throw tokens.refuse(`The key "${key.what}" has no place here.`, key.at);
  }
  tokens.expect('stop');
  if (!tokens.atEnd()) throw tokens.refuse('Bytes follow the end of the pickle.');
  if (planes === null || labels === null) throw tokens.refuse('The batch has no data or no labels.');
  if (planes.length !== labels.length * CIFAR_IMAGE_BYTES) {
    throw tokens.refuse(`There are ${planes.length / CIFAR_IMAGE_BYTES} images and ${labels.length} labels.`);
  }
  return { planes, labels };
}

function parseArray(tokens: PickleTokens): Uint8Array {
  for (const what of ARRAY_HEAD) tokens.expect(what);
  const rows = tokens.next();
  for (const what of ARRAY_BODY) tokens.expect(what);
  const data = tokens.next();
  if (rows.integer === null || rows.integer < 1 || data.text?.length !== rows.integer * CIFAR_IMAGE_BYTES) {
    throw tokens.refuse(
      `The array's bytes do not fit its shape, ${rows.what} x ${CIFAR_IMAGE_BYTES}.`,
      rows.at,
    );
  }
  tokens.expect('tuple');
  tokens.expect('build');
  return data.text;
}

function parseLabels(tokens: PickleTokens, file: string): number[] {
  const labels: number[] = [];
  for (const item of listItems(tokens))
    labels.push(checkLabel(file, `byte ${item.at}`, item.integer ?? item.what));
  return labels;
}

/** A list of texts that are not kept. */
function skipTexts(tokens: PickleTokens): void {
  for (const item of listItems(tokens)) {
    if (item.text === null) throw tokens.refuse('A file name is no text.', item.at);
  }
}

function skipText(tokens: PickleTokens): void {
  const { text, at } = tokens.next();
  if (text === null) throw tokens.refuse('The batch label is no text.', at);
}

/** A list is written in pieces, each between `mark` and `appends`. */
function* listItems(tokens: PickleTokens): Generator<Token> {
  tokens.expect('empty list');
  while (tokens.takeIf('mark')) {
    for (let item = tokens.next(); item.what !== 'appends'; item = tokens.next()) yield item;
  }
}
