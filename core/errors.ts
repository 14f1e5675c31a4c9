/**
 * An error for a person: what happened, where, and what to do. Anything else that is thrown is a bug
 * and keeps its stack.
 */
export type ErrorKind =
  | 'usage' // the request itself is wrong
  | 'unknown-name' // no such device, model, data set, session, option
  | 'refused-file' // a file breaks the rules of its format, or lies
  | 'unsupported' // well-formed, but nothing here can do it
  | 'device-failed' // a driver call failed
  | 'device-lost' // the device process crashed, hung or was killed
  | 'wrong-answer' // a device's answers differ from the reference
  | 'not-available' // something that is missing can be installed
  | 'storage' // disk full, folder read-only, session locked
  | 'cancelled'
  | 'interrupted' // the program ended before the work did
  | 'bug'; // a fault of this program; `details` holds its stack

/** The form in which a {@link WorkbenchError} crosses a process boundary. */
export interface ErrorDescription {
  kind: ErrorKind;
  /** What happened, in one sentence. */
  message: string;
  /** The file, device, field or call in which it happened. */
  where: string | null;
  /** What the person can do. */
  remedy: string | null;
  /** A longer text, such as a build log. */
  details: string | null;
}

export class WorkbenchError extends Error {
  override readonly name = 'WorkbenchError';
  readonly kind: ErrorKind;
  readonly where: string | null;
  readonly remedy: string | null;
  readonly details: string | null;

  constructor(
    kind: ErrorKind,
    message: string,
    more: Partial<Omit<ErrorDescription, 'kind' | 'message'>> = {},
  ) {
    super(message);
    this.kind = kind;
    this.where = more.where ?? null;
    this.remedy = more.remedy ?? null;
    this.details = more.details ?? null;
  }

  describe(): ErrorDescription {
    const { kind, message, where, remedy, details } = this;
    return { kind, message, where, remedy, details };
  }

  static from(description: ErrorDescription): WorkbenchError {
    return new WorkbenchError(description.kind, description.message, description);
  }
}

/** Whatever was thrown, as a description: a {@link WorkbenchError}'s own, or a bug with its stack. */
export function describeError(thrown: unknown): ErrorDescription {
  if (thrown instanceof WorkbenchError) return thrown.describe();
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    kind: 'bug',
    message: `The program made a mistake: ${error.message}`,
    where: null,
    remedy: 'Please report it with the details below.',
    details: error.stack ?? null,
  };
}

/** Ends a switch over a union: a new member that nobody handles does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unhandled value: ${JSON.stringify(value)}`);
}
