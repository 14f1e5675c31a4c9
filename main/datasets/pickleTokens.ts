/**
 * The opcodes of a pickle, one after another, as plain tokens. Only those that a CIFAR-10 batch consists of are
 * known; nothing is built, looked up or called.
 */
import { refusal } from './boundedFile';

export interface Token {
  /** Byte in the file. */
  at: number;
  /** What stands there: `mark`, `global numpy.dtype`, `text u1`, `integer 3072`; a long text is cut short. */
  what: string;
  /** The value of an integer. */
  integer: number | null;
  /** The bytes of a text, a view of the file. */
  text: Buffer | null;
}

const PLAIN_OPCODES = new Map([
  ['(', 'mark'],
  ['.', 'stop'],
  ['N', 'none'],
  ['R', 'reduce'],
  [']', 'empty list'],
  ['b', 'build'],
  ['e', 'appends'],
  ['t', 'tuple'],
  ['u', 'setitems'],
  ['}', 'empty dict'],
  ['\x85', 'tuple of 1'],
  ['\x86', 'tuple of 2'],
  ['\x87', 'tuple of 3'],
  ['\x89', 'false'],
]);
/** Opcodes that remember the last value under a number, and the bytes of that number. Nothing is ever recalled. */
const MEMO_BYTES = new Map([
  ['q', 1],
  ['r', 4],
]);
const MAX_NAME_BYTES = 100;

export class PickleTokens {
  private at = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly file: string,
  ) {
    if (bytes.length < 2 || this.take(2).readUInt16BE() !== 0x8002)
      throw this.refuse('Only pickles of protocol 2 are read.', 0);
  }

  /** @throws WorkbenchError `refused-file` at an opcode that has no place here, or at the end of the file */
  next(): Token {
    let at = this.at;
    let opcode = this.opcode();
    for (let skip = MEMO_BYTES.get(opcode); skip !== undefined; skip = MEMO_BYTES.get(opcode)) {
      this.take(skip);
      at = this.at;
      opcode = this.opcode();
    }
    const plain = PLAIN_OPCODES.get(opcode);
    if (plain !== undefined) return { at, what: plain, integer: null, text: null };
    switch (opcode) {
      case 'K':
        return integer(at, this.take(1).readUInt8());
      case 'M':
        return integer(at, this.take(2).readUInt16LE());
      case 'J':
        return integer(at, this.take(4).readInt32LE());
      case 'U':
        return text(at, this.take(this.take(1).readUInt8()));
      case 'T':
        return text(at, this.take(this.take(4).readInt32LE()));
      case 'c':
        return { at, what: `global ${this.line()}.${this.line()}`, integer: null, text: null };
      default: {
        const code = opcode.charCodeAt(0).toString(16).padStart(2, '0');
        throw this.refuse(`The pickle opcode 0x${code} has no place in a CIFAR-10 batch.`, at);
      }
    }
  }

  /** Takes the next token, which must be this one. */
  expect(what: string): void {
    const token = this.next();
    if (token.what !== what)
      throw this.refuse(`Here stands "${token.what}" where "${what}" belongs.`, token.at);
  }

  /** Takes the next token if it is this one. */
  takeIf(what: string): boolean {
    const before = this.at;
    if (this.next().what === what) return true;
    this.at = before;
    return false;
  }

  /** Whether all bytes were read. */
  atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  refuse(reason: string, at = this.at): Error {
    return refusal(this.file, `byte ${at}`, reason);
  }

  private opcode(): string {
    return this.take(1).toString('latin1');
  }

  private line(): string {
    const end = this.bytes.subarray(this.at, this.at + MAX_NAME_BYTES).indexOf(10);
    if (end < 0) throw this.refuse('A name has no end.');
    return this.take(end + 1).toString('latin1', 0, end);
  }

  private take(length: number): Buffer {
    if (length < 0 || length > this.bytes.length - this.at)
      throw this.refuse('The file ends inside the pickle.');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function integer(at: number, value: number): Token {
  return { at, what: `integer ${value}`, integer: value, text: null };
}

function text(at: number, bytes: Buffer): Token {
  return { at, what: `text ${bytes.toString('latin1', 0, 40)}`, integer: null, text: bytes };
}
