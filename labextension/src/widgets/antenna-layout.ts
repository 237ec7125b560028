import { mountAntennaLayout } from '../viewer/antennas/mount';
import { widget } from './widget';

export default widget(mountAntennaLayout);
