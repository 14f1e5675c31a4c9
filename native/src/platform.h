// The JavaScript classes Platform and Device. Neither owns a handle: drivers keep both until the process
// ends.
#pragma once

#include "addon.h"
#include "opencl_api.h"

namespace bnnw {

class Platform : public Wrapped<Platform> {
 public:
  static constexpr ClassId id = ClassId::platform;
  static constexpr const char* name = "Platform";

  static void define(Napi::Env env, Napi::Object exports);
  static Napi::Object make(Napi::Env env, cl_platform_id platform);
  explicit Platform(const Napi::CallbackInfo& info);

 private:
  Napi::Value devices(const Napi::CallbackInfo& info);

  cl_platform_id platform_;
};

class Device : public Wrapped<Device> {
 public:
  static constexpr ClassId id = ClassId::device;
  static constexpr const char* name = "Device";

  static void define(Napi::Env env, Napi::Object exports);
  static Napi::Object make(Napi::Env env, cl_device_id device, const Napi::Value& platform);
  explicit Device(const Napi::CallbackInfo& info);

  cl_device_id raw() const { return device_; }

 private:
  cl_device_id device_;
};

}  // namespace bnnw
