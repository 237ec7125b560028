/** Numbers out of the buffers of an answer: copied only where they are not aligned; `null` where there are too few. */

export function float32s(view: DataView | undefined, n: number): Float32Array | null {
  const part = aligned(view, n, 4);
  return part && new Float32Array(part.buffer, part.offset, n);
}

export function float64s(view: DataView | undefined, n: number): Float64Array | null {
  const part = aligned(view, n, 8);
  return part && new Float64Array(part.buffer, part.offset, n);
}

export function int32s(view: DataView | undefined, n: number): Int32Array | null {
  const part = aligned(view, n, 4);
  return part && new Int32Array(part.buffer, part.offset, n);
}

function aligned(view: DataView | undefined, n: number, size: number): { buffer: ArrayBufferLike; offset: number } | null {
  if (!view || view.byteLength < size * n) {
    return null;
  }
  return view.byteOffset % size === 0
    ? { buffer: view.buffer, offset: view.byteOffset }
    : { buffer: view.buffer.slice(view.byteOffset, view.byteOffset + size * n), offset: 0 };
}
