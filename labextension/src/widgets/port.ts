/** anywidget's custom messages as a pipe. */

import type { Port } from '../viewer';

/** What is used of anywidget's model. */
export interface AnyModel {
  get(name: string): unknown;
  on(event: string, handler: (...args: never[]) => void): void;
  off(event: string, handler: (...args: never[]) => void): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

/** `lost` is called when the model's connection to the kernel changes: it restarted, or has gone. */
export function modelPort(model: AnyModel, lost: () => void): Port {
  return {
    send: (message, buffers) => model.send(message, undefined, buffers),
    listen: handler => {
      const receive = (message: unknown, buffers?: DataView[]): void => handler(message, buffers ?? []);
      model.on('msg:custom', receive);
      model.on('comm_live_update', lost);
      return () => {
        model.off('msg:custom', receive);
        model.off('comm_live_update', lost);
      };
    }
  };
}
