import { equal } from './bytes';
import { Entry } from './dictionary';
import { reserve, reserveZero } from './memory';

/*
 * What an object has found for the roles of the record and for the promoted columns, before it is settled which value
 * fills which: once for the line, once for the object inside its message.
 */

/** What a JSON value is. */
export const TEXT: u32 = 1;
/** With escapes: its bytes are not what it says. */
export const ESCAPED_TEXT: u32 = 2;
export const WHOLE_NUMBER: u32 = 3;
export const OTHER_NUMBER: u32 = 4;
export const BOOLEAN: u32 = 5;
export const NULL: u32 = 6;
export const NESTED: u32 = 7;

/** Numbers of the roles, in the order of the host's `ROLES`. */
export const TIME: i32 = 0;
export const LEVEL: i32 = 1;
export const SERVICE: i32 = 2;
export const MESSAGE: i32 = 3;
export const HOST: i32 = 4;
export const TRACE: i32 = 5;
export const SPAN: i32 = 6;
const ROLES: usize = 7;

/** A value and where it stands; of a string the inside of the quotes. */
@unmanaged
export class Claim {
  /** 0: there is none. */
  kind: u32;
  rank: i32;
  start: usize;
  end: usize;
  /** The escapes it has. */
  escapes: u32;
  /** The name it stood under. */
  name: usize;

  get length(): usize {
    return this.end - this.start;
  }

  get isText(): bool {
    return this.kind === TEXT || this.kind === WHOLE_NUMBER || this.kind === OTHER_NUMBER;
  }

  /** The same in the same way: a number is not the text of its digits, and a mark behind a quote is read as a text. */
  says(other: Claim): bool {
    if (!this.isText || !other.isText || (this.kind === TEXT) !== (other.kind === TEXT)) return false;
    return this.length === other.length && equal(this.start, other.start, this.length);
  }
}

const CLAIM: usize = offsetof<Claim>();

/** All that one object claims. */
@unmanaged
export class Claims {
  roles: usize;
  columns: usize;
  /** Columns that have a claim, in the order they came. */
  order: usize;
  count: u32;
  /** Values that claimed to be the message. */
  messages: u32;

  role(number: i32): Claim {
    return changetype<Claim>(this.roles + <usize>number * CLAIM);
  }

  column(number: i32): Claim {
    return changetype<Claim>(this.columns + <usize>number * CLAIM);
  }

  ordered(at: u32): i32 {
    return load<i32>(this.order + ((<usize>at) << 2));
  }

  clear(): void {
    for (let at: usize = 0; at < ROLES; at++) changetype<Claim>(this.roles + at * CLAIM).kind = 0;
    for (let at: u32 = 0; at < this.count; at++) this.column(this.ordered(at)).kind = 0;
    this.count = 0;
    this.messages = 0;
  }

  /** False where a column has two values, of which only the host knows the one that counts. */
  take(entry: Entry, kind: u32, start: usize, end: usize, escapes: u32): bool {
    // A null is a field like any other: no role and, if a column, an opaque one.
    if (entry.role >= 0 && kind !== NULL) {
      const claim = this.role(entry.role);
      if (entry.role === MESSAGE) this.messages++;
      if (claim.kind === 0 || entry.rank < claim.rank) fill(claim, entry, kind, start, end, escapes);
    }
    if (entry.column < 0) return true;
    const claim = this.column(entry.column);
    if (claim.kind !== 0) return false;
    fill(claim, entry, kind, start, end, escapes);
    store<i32>(this.order + ((<usize>this.count) << 2), entry.column);
    this.count++;
    return true;
  }
}

function fill(claim: Claim, entry: Entry, kind: u32, start: usize, end: usize, escapes: u32): void {
  claim.kind = kind;
  claim.rank = entry.rank;
  claim.start = start;
  claim.end = end;
  claim.escapes = escapes;
  claim.name = changetype<usize>(entry);
}

export function newClaim(): Claim {
  return changetype<Claim>(reserveZero(CLAIM));
}

/** Room for the claims of one object. */
export function newClaims(columns: u32): Claims {
  const claims = changetype<Claims>(reserve(offsetof<Claims>()));
  claims.roles = reserveZero(ROLES * CLAIM);
  claims.columns = reserveZero(<usize>columns * CLAIM + 16);
  claims.order = reserve(((<usize>columns) << 2) + 16);
  claims.count = 0;
  claims.messages = 0;
  return claims;
}
