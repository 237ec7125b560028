/** The pixels of a mask: unpacking them, and finding their edge. */

/** One byte a bin, 0 or 1, row 0 lowest. */
export interface Bits {
  nx: number;
  ny: number;
  set: Uint8Array;
  any: boolean;
}

/** Rows of packed bytes, the first bin in the lowest bit, each row beginning with a byte of its own. */
export function unpack(view: DataView | undefined, nx: number, ny: number): Bits {
  const stride = Math.ceil(nx / 8);
  if (!view || view.byteLength < stride * ny) {
    throw new Error(`A part of the mask of ${nx} × ${ny} came with ${view?.byteLength ?? 0} bytes.`);
  }
  const set = new Uint8Array(nx * ny);
  let any = false;
  for (let j = 0; j < ny; j += 1) {
    for (let byte = 0; byte < stride; byte += 1) {
      const packed = view.getUint8(j * stride + byte);
      if (packed !== 0) {
        any = true;
        const end = Math.min(8, nx - 8 * byte);
        for (let bit = 0; bit < end; bit += 1) {
          set[j * nx + 8 * byte + bit] = (packed >> bit) & 1;
        }
      }
    }
  }
  return { nx, ny, set, any };
}

/** What is beside a tile; `undefined`: not known, `null`: nothing, since the image ends there. */
export interface Around {
  left: Bits | null | undefined;
  right: Bits | null | undefined;
  below: Bits | null | undefined;
  above: Bits | null | undefined;
}

/** Whether a bin is set, also just outside of the tile; where that is not known, as the nearest bin inside. */
export function isSet(bits: Bits, around: Around, i: number, j: number): boolean {
  const { nx, ny, set } = bits;
  if (i >= 0 && j >= 0 && i < nx && j < ny) {
    return set[j * nx + i] === 1;
  }
  const [other, column, row] =
    i < 0
      ? [around.left, (around.left?.nx ?? 1) - 1, j]
      : i >= nx
        ? [around.right, 0, j]
        : j < 0
          ? [around.below, i, (around.below?.ny ?? 1) - 1]
          : [around.above, i, 0];
  if (other === undefined) {
    return set[Math.min(ny - 1, Math.max(0, j)) * nx + Math.min(nx - 1, Math.max(0, i))] === 1;
  }
  return other !== null && other.set[row * other.nx + column] === 1;
}

/** Which bins have one beside them that is not set: the outermost of what is set. */
export function rim(bits: Bits, around: Around): Uint8Array {
  const { nx, ny, set } = bits;
  const found = new Uint8Array(nx * ny);
  for (let j = 0; j < ny; j += 1) {
    const inner = j > 0 && j < ny - 1;
    for (let i = 0; i < nx; i += 1) {
      const k = j * nx + i;
      if (set[k] === 1) {
        const isRim =
          inner && i > 0 && i < nx - 1
            ? set[k - 1]! + set[k + 1]! + set[k - nx]! + set[k + nx]! < 4
            : !(isSet(bits, around, i - 1, j) && isSet(bits, around, i + 1, j) && isSet(bits, around, i, j - 1) && isSet(bits, around, i, j + 1));
        found[k] = isRim ? 1 : 0;
      }
    }
  }
  return found;
}

/** Calls `line` with the ends of each straight piece of the edge, in bins from the tile's lower left corner. */
export function edges(bits: Bits, around: Around, line: (x0: number, y0: number, x1: number, y1: number) => void): void {
  const { nx, ny } = bits;
  runs(nx, ny, (i, j) => isSet(bits, around, i, j) !== isSet(bits, around, i, j - 1), (j, from, to) => line(from, j, to, j));
  runs(ny, nx, (j, i) => isSet(bits, around, i, j) !== isSet(bits, around, i - 1, j), (i, from, to) => line(i, from, i, to));
}

/** Runs along each of `n` + 1 lines between rows of `length` bins. */
function runs(length: number, n: number, differs: (at: number, line: number) => boolean, run: (line: number, from: number, to: number) => void): void {
  for (let line = 0; line <= n; line += 1) {
    let from = -1;
    for (let at = 0; at <= length; at += 1) {
      const is = at < length && differs(at, line);
      if (is && from < 0) {
        from = at;
      } else if (!is && from >= 0) {
        run(line, from, at);
        from = -1;
      }
    }
  }
}
