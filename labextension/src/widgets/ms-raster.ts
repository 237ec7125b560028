import { mountRaster } from '../viewer/raster/mount';
import { widget } from './widget';

export default widget(mountRaster);
