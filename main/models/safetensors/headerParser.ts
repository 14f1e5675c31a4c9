/**
 * The JSON header of a safetensors file:
 *
 *   { "__metadata__": { "key": "text", ... }, "NAME": { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] }, ... }
 *
 * A parser of its own, for exactly this form: it sees keys that stand twice, which JSON.parse hides, and takes
 * memory only for what the form allows.
 */

export interface HeaderEntry {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
}

export interface Header {
  entries: HeaderEntry[];
  metadata: Map<string, string>;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const MAX_TENSORS = 20_000;
const MAX_METADATA = 10_000;
const MAX_TEXT_BYTES = 16_000_000;
const MAX_DIMENSIONS = 16;
const MAX_NAME_LENGTH = 4096;

/** What is wrong and at which byte of the header. */
export class HeaderError extends Error {
  constructor(
    reason: string,
    readonly position: number,
  ) {
    super(reason);
  }
}

/** @throws HeaderError */
export function parseHeader(bytes: Uint8Array): Header {
  return new HeaderParser(bytes).parse();
}

class HeaderParser {
  private position = 0;

  constructor(private readonly bytes: Uint8Array) {}

  parse(): Header {
    const entries: HeaderEntry[] = [];
    let metadata: Map<string, string> | null = null;
    const names = new Set<string>();
    this.object((name) => {
      if (names.has(name)) throw this.error(`the key ${JSON.stringify(name)} stands twice`);
      if (name.length > MAX_NAME_LENGTH) throw this.error(`a name of ${name.length} letters`);
      names.add(name);
      if (name === '__metadata__') metadata = this.metadata();
      else entries.push(this.entry(name));
      if (entries.length > MAX_TENSORS) throw this.error(`more than ${MAX_TENSORS} tensors`);
    });
    this.skipSpace();
    if (this.position < this.bytes.length) throw this.error('text behind the object');
    return { entries, metadata: metadata ?? new Map() };
  }

  private metadata(): Map<string, string> {
    const values = new Map<string, string>();
    this.object((key) => {
      if (values.has(key)) throw this.error(`the key ${JSON.stringify(key)} stands twice in __metadata__`);
      if (values.size >= MAX_METADATA) throw this.error(`more than ${MAX_METADATA} keys in __metadata__`);
      values.set(key, this.string());
    });
    return values;
  }

  private entry(name: string): HeaderEntry {
    let dtype: string | null = null;
    let shape: number[] | null = null;
    let offsets: number[] | null = null;
    this.object((key) => {
      const again = () =>
        this.error(`the key ${JSON.stringify(key)} stands twice in ${JSON.stringify(name)}`);
      if (key === 'dtype') {
        if (dtype !== null) throw again();
        dtype = this.string();
      } else if (key === 'shape') {
        if (shape !== null) throw again();
        shape = this.integers();
      } else if (key === 'data_offsets') {
        if (offsets !== null) throw again();
        offsets = this.integers();
      } else {
        throw this.error(`the key ${JSON.stringify(key.slice(0, 80))} has no place in a tensor`);
      }
    });
    return this.complete(name, dtype, shape, offsets);
  }

  private complete(
    name: string,
    dtype: string | null,
    shape: number[] | null,
    offsets: number[] | null,
  ): HeaderEntry {
    if (dtype === null || shape === null || offsets?.length !== 2) {
      throw this.error(`${JSON.stringify(name)} lacks its dtype, its shape or its two data_offsets`);
    }
    return { name, dtype, shape, begin: offsets[0]!, end: offsets[1]! };
  }

  /** Calls `member` behind each key's colon. */
  private object(member: (key: string) => void): void {
    this.expect('{');
    if (this.accept('}')) return;
    do {
      const key = this.string();
      this.expect(':');
      member(key);
    } while (this.accept(','));
    this.expect('}');
  }

  private integers(): number[] {
    const values: number[] = [];
    this.expect('[');
    if (this.accept(']')) return values;
    do {
      if (values.length >= MAX_DIMENSIONS) throw this.error(`more than ${MAX_DIMENSIONS} numbers`);
      values.push(this.integer());
    } while (this.accept(','));
    this.expect(']');
    return values;
  }

  private integer(): number {
    this.skipSpace();
    const start = this.position;
    while (isDigit(this.bytes[this.position])) this.position++;
    const digits = String.fromCharCode(...this.bytes.subarray(start, Math.min(this.position, start + 17)));
    if (!/^(0|[1-9]\d*)$/.test(digits) || !Number.isSafeInteger(Number(digits))) {
      throw this.error('no whole number from 0 to 2^53', start);
    }
    return Number(digits);
  }

  private string(): string {
    this.expect('"');
    const start = this.position;
    let plain = true;
    for (; this.position < this.bytes.length; this.position++) {
      const byte = this.bytes[this.position]!;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) this.position++;
      if (byte === BACKSLASH || byte < 0x20) plain = false;
    }
    const end = this.position;
    this.expect('"');
    if (end - start > MAX_TEXT_BYTES) throw this.error(`a text of ${end - start} bytes`, start);
    try {
      const text = UTF_8.decode(this.bytes.subarray(start, end));
      return plain ? text : String(JSON.parse(`"${text}"`));
    } catch {
      throw this.error('a text that is no JSON string in UTF-8', start);
    }
  }

  private expect(character: string): void {
    if (!this.accept(character)) throw this.error(`no ${character} here`);
  }

  private accept(character: string): boolean {
    this.skipSpace();
    if (this.bytes[this.position] !== character.charCodeAt(0)) return false;
    this.position++;
    return true;
  }

  private skipSpace(): void {
    while (isSpace(this.bytes[this.position])) this.position++;
  }

  private error(reason: string, position = this.position): HeaderError {
    return new HeaderError(reason, position);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
