/** The icons of the panels, in JupyterLab's colours. */

import { LabIcon } from '@jupyterlab/ui-components';

export const rasterIcon = new LabIcon({
  name: 'dsa110-vis:raster',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <g class="jp-icon3" fill="#616161">
    <path d="M2 2h3v3H2zM8 2h3v3H8zM11 5h3v3h-3zM5 8h3v3H5zM2 11h3v3H2zM11 11h3v3h-3z"/>
    <path opacity=".55" d="M5 2h3v3H5zM2 5h3v3H2zM8 5h3v3H8zM8 8h3v3H8zM5 11h3v3H5z"/>
    <path opacity=".25" d="M11 2h3v3h-3zM5 5h3v3H5zM2 8h3v3H2zM11 8h3v3h-3zM8 11h3v3H8z"/>
  </g>
</svg>`
});

export const antennasIcon = new LabIcon({
  name: 'dsa110-vis:antennas',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <g class="jp-icon3" fill="#616161">
    <circle cx="8" cy="8.6" r="1.5"/>
    <circle cx="8" cy="5.2" r="1.2"/><circle cx="8" cy="2.2" r="1.2"/>
    <circle cx="5" cy="10.3" r="1.2"/><circle cx="2.3" cy="12" r="1.2"/>
    <circle cx="11" cy="10.3" r="1.2"/><circle cx="13.7" cy="12" r="1.2"/>
  </g>
</svg>`
});

export const imageIcon = new LabIcon({
  name: 'dsa110-vis:image',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">
  <g class="jp-icon3" fill="#616161">
    <path d="M2 2h12v12H2zm1.2 1.2v9.6h9.6V3.2z" fill-rule="evenodd"/>
    <circle cx="6" cy="9.6" r="2"/><circle cx="10.6" cy="6" r="1.2"/>
    <path opacity=".55" d="M6 6.4a3.2 3.2 0 0 1 3.2 3.2h-.9A2.3 2.3 0 0 0 6 7.3z"/>
  </g>
</svg>`
});
