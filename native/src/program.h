// The JavaScript class Program: a program that was built for one device.
#pragma once

#include <string>
#include <vector>

#include "addon.h"
#include "handle.h"

namespace bnnw {

struct BuiltProgram {
  std::shared_ptr<ProgramHandle> handle;
  cl_device_id device;
  std::string buildLog;
  std::vector<std::string> kernelNames;
};

class Program : public Wrapped<Program> {
 public:
  static constexpr ClassId id = ClassId::program;
  static constexpr const char* name = "Program";

  static void define(Napi::Env env, Napi::Object exports);
  static Napi::Object make(Napi::Env env, const BuiltProgram& built) { return construct(env, built); }
  explicit Program(const Napi::CallbackInfo& info);

 private:
  Napi::Value binary(const Napi::CallbackInfo& info);
  Napi::Value createKernel(const Napi::CallbackInfo& info);
  void release(const Napi::CallbackInfo& info);

  std::shared_ptr<ProgramHandle> handle_;
  cl_device_id device_;
};

}  // namespace bnnw
