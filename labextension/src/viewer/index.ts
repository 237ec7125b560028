/** The viewers, without any framework: each mounts into an element, talks through a transport, ends with a signal. */

export { ChannelTransport, type Port } from './core/channel';
export { OfflineError, RemoteError, type Transport } from './core/transport';
export { mountRaster, type MountOptions } from './raster/mount';
