# Stands in for the headers of one Node version, which node-gyp would download: Node-API needs no more than the
# packages node-api-headers and node-addon-api, and the addon is the same for every Node and Electron.
# build.mjs passes this folder as --nodedir; node-gyp reads this file from it.
{
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': {
      'Release': {
        'defines': ['NDEBUG'],
        'cflags': ['-O2'],
        'msvs_settings': {
          'VCCLCompilerTool': { 'Optimization': 2, 'RuntimeLibrary': 2 },
        },
        'xcode_settings': { 'GCC_OPTIMIZATION_LEVEL': '2' },
      },
      'Debug': {
        'cflags': ['-O0', '-g'],
        'msvs_settings': {
          'VCCLCompilerTool': { 'Optimization': 0, 'RuntimeLibrary': 3 },
          'VCLinkerTool': { 'GenerateDebugInformation': 'true' },
        },
        'xcode_settings': { 'GCC_OPTIMIZATION_LEVEL': '0' },
      },
    },
    'conditions': [
      [ 'OS=="linux"', { 'cflags': ['-fPIC', '-pthread'], 'ldflags': ['-pthread'] } ],
      [ 'OS=="win" and target_arch=="x64"', { 'msvs_configuration_platform': 'x64' } ],
      [ 'OS=="mac" and target_arch=="arm64"', { 'xcode_settings': { 'ARCHS': ['arm64'] } } ],
      [ 'OS=="mac" and target_arch=="x64"', { 'xcode_settings': { 'ARCHS': ['x86_64'] } } ],
    ],
  },
}
