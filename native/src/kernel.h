// The JavaScript class Kernel, and its state, which a run shares.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "addon.h"
#include "handle.h"
#include "kernel_argument.h"

namespace bnnw {

/// A kernel object is the one thing in OpenCL that is not safe to use from two threads. While `inRun` is set,
/// only the run's thread touches the kernel and its arguments; the flag itself belongs to the JavaScript
/// thread.
struct KernelState {
  KernelState(cl_kernel raw, std::string name) : handle(raw), name(std::move(name)) {}

  /// Throws Failure.
  void setArgument(cl_uint index, const KernelArgument& argument) {
    check(argument.set(handle.raw(), index), "clSetKernelArg");
    arguments[index] = argument;
  }

  const KernelHandle handle;
  const std::string name;
  /// What is set now; keeps the buffers alive.
  std::vector<std::optional<KernelArgument>> arguments;
  bool inRun = false;
};

/// Throws an Error while a run uses the kernel.
void checkIdle(Napi::Env env, const KernelState& kernel);

/// Throws TypeError and RangeError.
cl_uint readArgumentIndex(const Napi::Value& value, const std::string& what, const KernelState& kernel);

class Kernel : public Wrapped<Kernel> {
 public:
  static constexpr ClassId id = ClassId::kernel;
  static constexpr const char* name = "Kernel";

  static void define(Napi::Env env, Napi::Object exports);
  static Napi::Object make(Napi::Env env, cl_program program, cl_device_id device, const std::string& name);
  explicit Kernel(const Napi::CallbackInfo& info);

  /// Throws TypeError after release().
  const std::shared_ptr<KernelState>& state() const { return unreleased(Env(), state_); }

 private:
  struct Parts;
  void setArguments(const Napi::CallbackInfo& info);
  void setArgument(const Napi::CallbackInfo& info);
  void release(const Napi::CallbackInfo& info);

  std::shared_ptr<KernelState> state_;
};

}  // namespace bnnw
