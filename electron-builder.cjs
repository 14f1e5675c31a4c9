/**
 * The packages of the desktop program. `npm run package` builds them for this platform; what was built and started
 * where is in docs/contributing.md. Everything that runs is in dist/ (bundled) but two packages with compiled parts.
 */
module.exports = {
  appId: 'org.bnn-workbench.desktop',
  productName: 'BNN Workbench',
  copyright: 'Apache-2.0',
  directories: { output: 'dist/packages', buildResources: 'assets/icons' },
  files: [
    'package.json',
    'dist/main/*.cjs',
    'dist/renderer/**',
    'kernels/**',
    'assets/models/*.safetensors',
    'assets/example/**',
    'native/index.cjs',
    'native/build/Release/*.node',
    'setup/folders.mjs',
    '!node_modules/**',
    'node_modules/onnxruntime-{node,common}/**',
    'node_modules/@napi-rs/canvas*/**',
    // Of the compiled parts only those of the platform that is built.
    `!node_modules/onnxruntime-node/bin/napi-v*/!(${process.platform})/**`,
  ],
  // Compiled code is loaded by the system, which reads no archive.
  asarUnpack: [
    '**/*.node',
    'node_modules/onnxruntime-{node,common}/**',
    'node_modules/@napi-rs/**',
    'assets/**',
    'kernels/**',
  ],
  extraFiles: [
    'LICENSE',
    'NOTICE',
    'THIRD-PARTY-NOTICES.md',
    { from: 'dist/licences.txt', to: 'LICENCES-OF-PACKAGES.txt' },
  ],
  // A deb must name a page. The project has none of its own: this is the paper that it grew from.
  extraMetadata: { homepage: 'https://arxiv.org/abs/1905.06105' },
  npmRebuild: false,
  linux: {
    target: ['AppImage', 'deb', 'tar.gz'],
    category: 'Science',
    syncDesktopName: true,
    executableName: 'bnn-workbench',
    maintainer: 'BNN Workbench',
    synopsis: 'Measures binarized neural networks on FPGA, GPU and CPU',
  },
  deb: {
    // Debian's names, and those of its later releases and of Ubuntu.
    depends: ['libgtk-3-0 | libgtk-3-0t64', 'libnss3', 'libasound2 | libasound2t64', 'libgbm1'],
    recommends: ['ocl-icd-libopencl1', 'pocl-opencl-icd'],
  },
  win: { target: ['nsis', 'zip'] },
  mac: { target: ['dmg', 'zip'], category: 'public.app-category.developer-tools' },
};
