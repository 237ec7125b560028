/** The viewers, without any framework: each mounts into an element, talks through a transport, ends with a signal. */

export { mountAntennaLayout } from './antennas/mount';
export { ChannelTransport, type Port } from './core/channel';
export { showRefusal } from './core/refusal';
export type { MountOptions } from './core/shell';
export { type Failure, OfflineError, RemoteError, type Transport } from './core/transport';
export { WebSocketPort } from './core/websocket-port';
export { mountImage } from './image/mount';
export { mountRaster } from './raster/mount';
