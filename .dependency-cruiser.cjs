/** The arrows of docs/architecture.md. Whatever is not allowed here is refused by `npm run check`. */
const faces = '^main/(electron|cli|server)/';
module.exports = {
  forbidden: [
    {
      name: 'core-imports-nothing-but-itself',
      severity: 'error',
      from: { path: '^core/' },
      to: { path: '^(main|renderer|native|setup|test)/' },
    },
    { name: 'core-is-pure', severity: 'error', from: { path: '^core/' }, to: { dependencyTypes: ['core'] } },
    {
      name: 'renderer-sees-only-core',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^(main|native|setup|test)/' },
    },
    {
      name: 'preload-sees-only-the-contract',
      severity: 'error',
      from: { path: '^main/electron/preload' },
      to: { path: '^(core/(?!contract/)|main/|renderer/|native/)' },
    },
    {
      name: 'only-the-host-reaches-below',
      severity: 'error',
      from: { path: faces },
      to: { path: '^(main/(devices|models|datasets|power|fpga)|native)/' },
    },
    {
      name: 'below-does-not-look-up',
      severity: 'error',
      from: { path: '^main/(devices|models|datasets|power|fpga|report)/' },
      to: { path: '^main/(host|electron|cli|server)/' },
    },
    {
      name: 'fpga-knows-files-only',
      severity: 'error',
      from: { path: '^main/fpga/' },
      to: { path: '^main/(devices|models|datasets|power)/' },
    },
    {
      name: 'storage-is-the-ground',
      severity: 'error',
      from: { path: '^main/storage/' },
      to: { path: '^(main/(?!storage/)|native/|renderer/)' },
    },
    {
      name: 'host-does-not-know-its-faces',
      severity: 'error',
      from: { path: '^main/host/' },
      to: { path: faces },
    },
    {
      name: 'faces-do-not-know-each-other',
      severity: 'error',
      // `bnnw serve` starts the browser mode.
      from: { path: '^main/(electron|cli|server)/', pathNot: '^main/cli/serveCommand' },
      to: { path: faces, pathNot: '^main/$1/' },
    },
    {
      name: 'only-devices-and-power-touch-native',
      severity: 'error',
      from: { path: '^main/', pathNot: '^main/(devices|power)/' },
      to: { path: '^native/' },
    },
    { name: 'nothing-imports-tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    {
      name: 'no-circles',
      severity: 'error',
      from: { path: '^(core|main|renderer)/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|native/build)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.vue', '.mjs', '.cjs', '.js', '.d.ts', '.json'] },
  },
};
