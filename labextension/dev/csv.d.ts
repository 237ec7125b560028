/** A text file as a string: vite does it by the query, esbuild by the ending. */
declare module '*.csv?raw' {
  const text: string;
  export default text;
}
