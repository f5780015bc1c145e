/** Reads fields of a binary report; `undefined` when the bytes at hand do not hold the whole of one. */
export interface ByteCursor {
  readonly byte: () => number | undefined;
  readonly int: () => number | undefined;
  readonly long: () => number | undefined;
  readonly bytes: (count: number) => Buffer | undefined;
  /** How far it has read. */
  readonly at: () => number;
}

export function byteCursor(buffer: Buffer, from: number): ByteCursor {
  const place = { at: from };
  const take = <T>(count: number, read: (at: number) => T): T | undefined => {
    if (count < 0 || place.at + count > buffer.length) return undefined;
    place.at += count;
    return read(place.at - count);
  };
  return {
    byte: () => take(1, (at) => buffer.readUInt8(at)),
    int: () => take(4, (at) => buffer.readInt32BE(at)),
    long: () => take(8, (at) => Number(buffer.readBigInt64BE(at))),
    bytes: (count) => take(count, (at) => buffer.subarray(at, at + count)),
    at: () => place.at,
  };
}
