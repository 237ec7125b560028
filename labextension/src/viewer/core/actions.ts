/** Saving and copying. */

import { copyText, download } from './dom';
import type { Notice } from './model';
import type { Answer, Transport } from './transport';

interface Saved {
  filename: string;
  mime: string;
  parts?: number;
  token?: string;
}

/** What saving and copying need of a model. */
export interface Asker {
  readonly transport: Transport;
  onNotice: (notice: Notice) => void;
  request<R>(op: string): Promise<R | null>;
  failed(error: unknown): void;
}

/** Fetches the file in its parts and hands it to the user. */
export async function save(model: Asker, format: string, signal: AbortSignal): Promise<void> {
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

export async function copyCode(model: Asker): Promise<void> {
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
