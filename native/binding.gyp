{
  'targets': [
    {
      'target_name': 'bnnw_opencl',
      'sources': [
        'src/addon.cc',
        'src/buffer.cc',
        'src/build_job.cc',
        'src/context.cc',
        'src/errors.cc',
        'src/host_memory.cc',
        'src/info.cc',
        'src/job.cc',
        'src/kernel.cc',
        'src/kernel_argument.cc',
        'src/loader.cc',
        'src/nvml.cc',
        'src/platform.cc',
        'src/program.cc',
        'src/queue.cc',
        'src/recorder.cc',
        'src/run_loop.cc',
        'src/values.cc',
      ],
      'include_dirs': [
        '<!(node -p "path.relative(process.cwd(), require(\'node-api-headers\').include_dir)")',
        '<!(node -p "path.relative(process.cwd(), path.dirname(require.resolve(\'node-addon-api\')))")',
      ],
      'defines': ['NAPI_VERSION=8', 'NAPI_CPP_EXCEPTIONS', 'NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED'],
      'cflags': ['-fvisibility=hidden', '-Wall', '-Wextra'],
      'cflags_cc!': ['-fno-exceptions', '-std=gnu++17'],
      'cflags_cc': ['-std=c++17', '-fexceptions'],
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
        'CLANG_CXX_LIBRARY': 'libc++',
        'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
        'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
        'MACOSX_DEPLOYMENT_TARGET': '11.0',
        'WARNING_CFLAGS': ['-Wall', '-Wextra'],
      },
      'msvs_settings': {
        'VCCLCompilerTool': {
          'ExceptionHandling': 1,
          'WarningLevel': 4,
          'AdditionalOptions': ['/std:c++17', '/utf-8'],
        },
      },
      'configurations': {
        # The debug build looks for errors of memory and undefined behaviour: see README.md.
        'Debug': {
          'cflags': ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer'],
          'ldflags': ['-fsanitize=address,undefined'],
        },
      },
      'conditions': [
        [ 'OS=="linux"', { 'libraries': ['-ldl'] } ],
        [ 'OS=="win"', {
          # The import library of node.exe, made from the list of Node-API's symbols rather than downloaded. The
          # hook that node-gyp adds binds it to the running program, be that node.exe or electron.exe.
          'msvs_cygwin_shell': 0,
          'libraries!': ['-l"<(node_lib_file)"'],
          'libraries': ['-l"<(INTERMEDIATE_DIR)/node_api.lib"'],
          'actions': [
            {
              'action_name': 'import_library',
              'inputs': ['<!(node -p "require(\'node-api-headers\').def_paths.node_api_def")'],
              'outputs': ['<(INTERMEDIATE_DIR)/node_api.lib'],
              'action': ['lib', '/nologo', '/machine:<(target_arch)', '/def:<(_inputs)', '/out:<(_outputs)'],
            },
          ],
        } ],
      ],
    },
  ],
}
