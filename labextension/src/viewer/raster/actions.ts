/** Saving and copying. */

import { copyText, download } from '../core/dom';
import type { Answer } from '../core/transport';
import type { RasterModel } from './model';
import type { SaveFormat, Saved } from './protocol';

/** Fetches the file in its parts and hands it to the user. */
export async function save(model: RasterModel, format: SaveFormat, signal: AbortSignal): Promise<void> {
  model.onNotice({ level: 'info', text: `Making the ${format.toUpperCase()} …` });
  try {
    const first: Answer<Saved> = await model.transport.request('save', { format }, { signal });
    const { filename, mime, parts = 1, token } = first.result;
    const pieces: BlobPart[] = [bytes(first.buffers[0])];
    for (let index = 1; index < parts; index += 1) {
      const { buffers } = await model.transport.request('part', { token, index }, { signal });
      pieces.push(bytes(buffers[0]));
    }
    download(new Blob(pieces), filename, mime);
    model.onNotice({ level: 'info', text: `Saved ${filename}.` });
  } catch (error) {
    model.failed(error);
  }
}

function bytes(view: DataView | undefined): Uint8Array {
  if (!view) {
    throw new Error('The file came without its contents.');
  }
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

export async function copyCode(model: RasterModel): Promise<void> {
  const result = await model.request<{ code: string }>('code');
  if (result) {
    const done = await copyText(result.code);
    model.onNotice(
      done
        ? { level: 'info', text: 'The code for this picture is on the clipboard.' }
        : { level: 'error', text: `The browser does not let us copy. The code is: ${result.code.replace(/\s+/g, ' ')}` }
    );
  }
}
