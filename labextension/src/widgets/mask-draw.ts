import { mountImage } from '../viewer/image/mount';
import { widget } from './widget';

export default widget(mountImage);
