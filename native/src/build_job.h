// Compiles or loads a program on a thread of its own.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "handle.h"

namespace bnnw {

struct BuildRequest {
  std::shared_ptr<ContextHandle> context;
  cl_device_id device;
  /// OpenCL C, or a program binary.
  std::string code;
  bool isBinary;
  std::string options;
};

/// Resolves to a Program.
Napi::Promise startBuild(Napi::Env env, BuildRequest request);

}  // namespace bnnw
