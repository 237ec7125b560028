/**
 * Messages with buffers as WebSocket frames.
 *
 * A message alone is a text frame with its JSON. With buffers it is one binary frame: the number of parts, then the
 * length of each (uint32, little-endian), then the parts: the JSON in UTF-8 and the buffers. Each part starts at a
 * multiple of 8, so that numbers of any type can be read in place.
 */

const ALIGNMENT = 8;
/** More parts than any message has: a larger number means that the frame is something else. */
const MOST_PARTS = 1024;

export interface Unpacked {
  message: unknown;
  buffers: DataView[];
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

export function packFrame(message: object, buffers: readonly ArrayBuffer[] = []): string | ArrayBuffer {
  const json = JSON.stringify(message);
  if (buffers.length === 0) {
    return json;
  }
  const parts = [new TextEncoder().encode(json), ...buffers.map(buffer => new Uint8Array(buffer))];
  const starts: number[] = [];
  let end = 4 * (parts.length + 1);
  for (const part of parts) {
    starts.push(aligned(end));
    end = aligned(end) + part.byteLength;
  }
  const frame = new Uint8Array(end);
  const header = new DataView(frame.buffer);
  header.setUint32(0, parts.length, true);
  parts.forEach((part, i) => {
    header.setUint32(4 * (i + 1), part.byteLength, true);
    frame.set(part, starts[i]);
  });
  return frame.buffer;
}

/** Throws where the frame is not what `packFrame` makes. */
export function unpackFrame(frame: string | ArrayBuffer): Unpacked {
  if (typeof frame === 'string') {
    return { message: JSON.parse(frame) as unknown, buffers: [] };
  }
  const header = new DataView(frame);
  const count = header.getUint32(0, true);
  if (count === 0 || count > MOST_PARTS) {
    throw new RangeError(`A frame cannot have ${count} parts.`);
  }
  const parts: DataView[] = [];
  let end = 4 * (count + 1);
  for (let i = 0; i < count; i += 1) {
    const length = header.getUint32(4 * (i + 1), true);
    // A view that would leave the frame throws. Nothing at all may also lie behind its end.
    parts.push(length === 0 ? new DataView(new ArrayBuffer(0)) : new DataView(frame, aligned(end), length));
    end = aligned(end) + length;
  }
  const [json, ...buffers] = parts;
  return { message: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) as unknown, buffers };
}
