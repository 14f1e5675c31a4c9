// The JavaScript class Context: one OpenCL context for one device.
#pragma once

#include "addon.h"
#include "handle.h"

namespace bnnw {

class Context : public Wrapped<Context> {
 public:
  static constexpr ClassId id = ClassId::context;
  static constexpr const char* name = "Context";

  static void define(Napi::Env env, Napi::Object exports);
  explicit Context(const Napi::CallbackInfo& info);

 private:
  Napi::Value createQueue(const Napi::CallbackInfo& info);
  Napi::Value createBuffer(const Napi::CallbackInfo& info);
  Napi::Value createHostMemory(const Napi::CallbackInfo& info);
  Napi::Value buildProgram(const Napi::CallbackInfo& info);
  Napi::Value loadProgram(const Napi::CallbackInfo& info);
  void release(const Napi::CallbackInfo& info);

  cl_device_id device_;
  std::shared_ptr<ContextHandle> handle_;
};

}  // namespace bnnw
