import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The table of the DSA-110's antennas belongs to the Python package.
  server: { fs: { allow: ['..'] } },
  test: {
    environment: 'jsdom',
    setupFiles: ['test/setup.ts'],
    include: ['test/**/*.test.ts'],
    restoreMocks: true
  }
});
