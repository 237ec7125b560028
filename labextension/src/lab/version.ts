/** The version that the server should have as well; a test holds it to package.json. */
export const VERSION = '0.1.0';
