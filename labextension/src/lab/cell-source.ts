/** The code that shows a Measurement Set. */

/** Python source; JSON's escapes are Python's, but for those that JSON does not need to make. */
export function rasterSource(path: string): string {
  const literal = JSON.stringify(path).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  );
  return `from dsa110_vis import MsRaster\n\nMsRaster(${literal})`;
}
