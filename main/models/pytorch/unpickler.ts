/**
 * Unpickles the part of Python's pickle that PyTorch writes for a state dict. It builds plain records from
 * an allow-list of opcodes and globals and can call nothing: REDUCE and BUILD only describe what they would
 * have made (torchRecords.ts), and everything else is refused.
 */
import { Opcode, opcodeName } from './opcodes';
import { PickleCursor } from './pickleCursor';
import { built, persistent, reduced } from './torchRecords';
import { isGlobalName, isRecord, type PickleDict, type PickleTuple, type PickleValue } from './values';

/** A network of 1,000 layers stays far below these. */
const MAX_OPCODES = 1_000_000;
const MAX_MEMO = 300_000;
const MAX_CONTAINERS = 200_000;
const MAX_DEPTH = 32;

export interface Unpickled {
  value: PickleValue;
  /** Bytes up to and with STOP. */
  length: number;
}

/**
 * @param place what `bytes` are in the file, for a refusal
 * @throws WorkbenchError `refused-file` naming the byte and the reason
 */
export function unpickle(bytes: Uint8Array, file: string, place: string): Unpickled {
  return new Unpickler(new PickleCursor(bytes, file, place)).run();
}

class Unpickler {
  private stack: PickleValue[] = [];
  /** The stacks below each open mark. */
  private readonly marks: PickleValue[][] = [];
  private readonly memo = new Map<number, PickleValue>();
  /** How deep tuples are nested; lists and dicts are filled later and count as they are put into something. */
  private readonly depths = new WeakMap<object, number>();
  private containers = 0;

  constructor(private readonly cursor: PickleCursor) {}

  run(): Unpickled {
    for (let count = 0; count < MAX_OPCODES; count++) {
      const start = this.cursor.position;
      const code = this.cursor.u8();
      if (code === Opcode.STOP) return this.stop();
      if (!this.pushes(code) && !this.shapes(code)) {
        throw this.cursor.refuse(`opcode ${opcodeName(code)} has no place in a state dict`, start);
      }
    }
    throw this.cursor.refuse(`more than ${MAX_OPCODES} opcodes`);
  }

  private stop(): Unpickled {
    const value = this.pop();
    if (this.stack.length > 0 || this.marks.length > 0) throw this.cursor.refuse('STOP before the end');
    return { value, length: this.cursor.position };
  }

  /** Opcodes that put one new value on the stack. */
  private pushes(code: number): boolean {
    const { cursor, stack } = this;
    switch (code) {
      case Opcode.NONE:
        stack.push(null);
        return true;
      case Opcode.NEWTRUE:
        stack.push(true);
        return true;
      case Opcode.NEWFALSE:
        stack.push(false);
        return true;
      case Opcode.BININT:
        stack.push(cursor.i32());
        return true;
      case Opcode.BININT1:
        stack.push(cursor.u8());
        return true;
      case Opcode.BININT2:
        stack.push(cursor.u16());
        return true;
      case Opcode.LONG1:
        stack.push(cursor.integer(cursor.u8()));
        return true;
      case Opcode.BINFLOAT:
        stack.push(cursor.f64());
        return true;
      case Opcode.BINUNICODE:
        stack.push(cursor.text(cursor.u32()));
        return true;
      case Opcode.SHORT_BINUNICODE:
        stack.push(cursor.text(cursor.u8()));
        return true;
      case Opcode.EMPTY_TUPLE:
        this.pushContainer({ kind: 'tuple', items: [] });
        return true;
      case Opcode.EMPTY_LIST:
        this.pushContainer({ kind: 'list', items: [] });
        return true;
      case Opcode.EMPTY_DICT:
        this.pushContainer({ kind: 'dict', entries: new Map() });
        return true;
      case Opcode.GLOBAL:
        stack.push(this.global(cursor.line(), cursor.line()));
        return true;
      case Opcode.BINGET:
        stack.push(this.recall(cursor.u8()));
        return true;
      case Opcode.LONG_BINGET:
        stack.push(this.recall(cursor.u32()));
        return true;
      default:
        return false;
    }
  }

  /** Opcodes that change what is on the stack, or nothing. */
  private shapes(code: number): boolean {
    const { cursor } = this;
    switch (code) {
      case Opcode.PROTO: {
        const version = cursor.u8();
        if (version < 2 || version > 5) throw cursor.refuse(`pickle protocol ${version}`);
        return true;
      }
      case Opcode.FRAME:
        cursor.skipFrame();
        return true;
      case Opcode.MARK:
        if (this.marks.length >= MAX_DEPTH) throw cursor.refuse(`nested deeper than ${MAX_DEPTH}`);
        this.marks.push(this.stack);
        this.stack = [];
        return true;
      case Opcode.BINPUT:
        this.remember(cursor.u8());
        return true;
      case Opcode.LONG_BINPUT:
        this.remember(cursor.u32());
        return true;
      case Opcode.MEMOIZE:
        this.remember(this.memo.size);
        return true;
      case Opcode.TUPLE:
        this.pushTuple(this.sinceMark());
        return true;
      case Opcode.TUPLE1:
        this.pushTuple(this.popMany(1));
        return true;
      case Opcode.TUPLE2:
        this.pushTuple(this.popMany(2));
        return true;
      case Opcode.TUPLE3:
        this.pushTuple(this.popMany(3));
        return true;
      case Opcode.APPEND:
        this.append(this.popMany(1));
        return true;
      case Opcode.APPENDS:
        this.append(this.sinceMark());
        return true;
      case Opcode.SETITEM:
        this.setItems(this.popMany(2));
        return true;
      case Opcode.SETITEMS:
        this.setItems(this.sinceMark());
        return true;
      case Opcode.STACK_GLOBAL:
        this.stackGlobal();
        return true;
      case Opcode.REDUCE:
        this.reduce();
        return true;
      case Opcode.BUILD:
        this.build();
        return true;
      case Opcode.BINPERSID:
        this.pushContainer(persistent(this.popTuple('a persistent id'), (reason) => cursor.refuse(reason)));
        return true;
      default:
        return false;
    }
  }

  private global(module: string, name: string): PickleValue {
    const whole = `${module}.${name}`;
    if (!isGlobalName(whole)) {
      throw this.cursor.refuse(`it names ${JSON.stringify(whole)}, which has no place in a state dict`);
    }
    return { kind: 'global', name: whole };
  }

  private stackGlobal(): void {
    const [module, name] = this.popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw this.cursor.refuse('STACK_GLOBAL without two texts');
    }
    this.stack.push(this.global(module, name));
  }

  private reduce(): void {
    const args = this.popTuple('the arguments of REDUCE');
    const callee = this.pop();
    if (!isRecord(callee) || callee.kind !== 'global')
      throw this.cursor.refuse('REDUCE of what is no global');
    this.pushContainer(reduced(callee.name, args, (reason) => this.cursor.refuse(reason)));
  }

  private build(): void {
    const state = this.pop();
    const problem = built(this.top(), state);
    if (problem !== null) throw this.cursor.refuse(problem);
  }

  private append(items: PickleValue[]): void {
    const list = this.top();
    if (!isRecord(list) || list.kind !== 'list') throw this.cursor.refuse('APPEND to what is no list');
    this.deepen(list, items);
    for (const item of items) list.items.push(item);
  }

  private setItems(items: PickleValue[]): void {
    const dict = this.top();
    if (!isRecord(dict) || dict.kind !== 'dict') throw this.cursor.refuse('SETITEMS on what is no dict');
    if (items.length % 2 === 1) throw this.cursor.refuse('a key without a value');
    this.deepen(dict, items);
    for (let i = 0; i < items.length; i += 2) this.setItem(dict, items[i]!, items[i + 1]!);
  }

  private setItem(dict: PickleDict, key: PickleValue, value: PickleValue): void {
    if (typeof key !== 'string' && typeof key !== 'number') throw this.cursor.refuse('a key that is no text');
    if (dict.entries.has(key)) throw this.cursor.refuse(`the key ${JSON.stringify(key)} twice`);
    dict.entries.set(key, value);
  }

  private pushTuple(items: PickleValue[]): void {
    const tuple: PickleTuple = { kind: 'tuple', items };
    this.deepen(tuple, items);
    this.pushContainer(tuple);
  }

  private pushContainer(value: PickleValue): void {
    this.containers++;
    if (this.containers > MAX_CONTAINERS) throw this.cursor.refuse(`more than ${MAX_CONTAINERS} containers`);
    this.stack.push(value);
  }

  private deepen(container: object, items: PickleValue[]): void {
    let depth = this.depths.get(container) ?? 1;
    for (const item of items) {
      if (isRecord(item)) depth = Math.max(depth, 1 + (this.depths.get(item) ?? 1));
    }
    if (depth > MAX_DEPTH) throw this.cursor.refuse(`nested deeper than ${MAX_DEPTH}`);
    this.depths.set(container, depth);
  }

  private remember(index: number): void {
    if (this.memo.size >= MAX_MEMO) throw this.cursor.refuse(`a memo of more than ${MAX_MEMO} values`);
    this.memo.set(index, this.top());
  }

  private recall(index: number): PickleValue {
    const value = this.memo.get(index);
    if (value === undefined) throw this.cursor.refuse(`memo ${index} is empty`);
    return value;
  }

  private top(): PickleValue {
    const value = this.stack[this.stack.length - 1];
    if (value === undefined) throw this.cursor.refuse('a value is taken from an empty stack');
    return value;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    if (this.stack.length < count) throw this.cursor.refuse('values are taken from an empty stack');
    return this.stack.splice(-count);
  }

  private popTuple(what: string): PickleTuple {
    const value = this.pop();
    if (!isRecord(value) || value.kind !== 'tuple') throw this.cursor.refuse(`${what}: no tuple`);
    return value;
  }

  private sinceMark(): PickleValue[] {
    const below = this.marks.pop();
    if (!below) throw this.cursor.refuse('no mark is open');
    const items = this.stack;
    this.stack = below;
    return items;
  }
}
