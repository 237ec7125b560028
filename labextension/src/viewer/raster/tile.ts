/** From the kernel's answer to a tile. */

import { float32s } from '../core/buffers';
import { spanOf, type Tile, type TileKey } from '../core/tiles';
import type { Answer } from '../core/transport';
import type { TileRequest, TileResult } from './protocol';

export function tileRequest(key: TileKey, generation: number, nx: number, ny: number): TileRequest {
  const span = spanOf(key, nx, ny);
  return {
    generation,
    iteration: key.iteration,
    ...span,
    width: Math.ceil((span.x1 - span.x0) / key.fx),
    height: Math.ceil((span.y1 - span.y0) / key.fy),
    fx: key.fx,
    fy: key.fy
  };
}

export function readTile({ result, buffers }: Answer<TileResult>): Tile {
  const { iteration, x0, x1, y0, y1, nx, ny } = result;
  const value = float32s(buffers[0], nx * ny);
  if (!value) {
    throw new Error(`A tile of ${nx} × ${ny} values came with ${buffers[0]?.byteLength ?? 0} bytes.`);
  }
  return {
    iteration,
    x0,
    x1,
    y0,
    y1,
    nx,
    ny,
    fx: result.fx ?? Math.ceil((x1 - x0) / nx),
    fy: result.fy ?? Math.ceil((y1 - y0) / ny),
    value,
    flagged: float32s(buffers[1], nx * ny)
  };
}
