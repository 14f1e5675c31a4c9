/** Reads a pickle's bytes in order; each read is checked against the end before it. */
import { refused } from '../refused';

/** Names of modules, classes and tensors; a longer one is an attack or not ours. */
const MAX_TEXT_BYTES = 4096;

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class PickleCursor {
  private readonly view: DataView;
  /** Next byte to be read. */
  position = 0;

  /**
   * @param place what `bytes` are in the file, for a refusal: `byte 137`, `entry data.pkl`
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
    private readonly place: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The refusal of what stands at `position`. */
  refuse(reason: string, position = this.position): Error {
    return refused(this.file, `${this.place}, byte ${position} of the pickle`, reason);
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  i32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** Big-endian, unlike everything else in a pickle. */
  f64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** Skips the eight bytes of a frame's length, which only helps those that read in blocks. */
  skipFrame(): void {
    this.advance(8);
  }

  /** A two's complement integer of `length` bytes; a bigint only where a number is not exact. */
  integer(length: number): number | bigint {
    if (length > 16) throw this.refuse(`an integer of ${length} bytes`);
    const start = this.advance(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[start + i]!);
    if (length > 0 && this.bytes[start + length - 1]! >= 128) value -= 1n << BigInt(8 * length);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  /** UTF-8 text of `length` bytes. */
  text(length: number): string {
    if (length > MAX_TEXT_BYTES) throw this.refuse(`a text of ${length} bytes`);
    const start = this.advance(length);
    return this.decode(start, start + length);
  }

  /** Text up to the next line feed, which is consumed. */
  line(): string {
    const start = this.position;
    const end = this.bytes.subarray(start, start + MAX_TEXT_BYTES).indexOf(10);
    if (end < 0) throw this.refuse('a name without an end');
    this.position = start + end + 1;
    return this.decode(start, start + end);
  }

  private decode(start: number, end: number): string {
    try {
      return UTF_8.decode(this.bytes.subarray(start, end));
    } catch {
      throw this.refuse('a text that is not UTF-8', start);
    }
  }

  private advance(length: number): number {
    const start = this.position;
    if (length > this.bytes.length - start) throw this.refuse('the pickle is cut off');
    this.position = start + length;
    return start;
  }
}
