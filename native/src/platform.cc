#include "platform.h"

#include "errors.h"
#include "info.h"
#include "loader.h"

namespace bnnw {
namespace {

struct DeviceParts {
  cl_device_id device;
  Napi::Value platform;
};

/// An empty list where the platform has no device, which OpenCL reports as an error.
std::vector<cl_device_id> deviceIds(cl_platform_id platform) {
  cl_uint count = 0;
  const cl_int code = openCl().clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, nullptr, &count);
  if (code == CL_DEVICE_NOT_FOUND) return {};
  check(code, "clGetDeviceIDs");
  std::vector<cl_device_id> devices(count);
  if (count > 0) {
    check(openCl().clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, count, devices.data(), nullptr),
          "clGetDeviceIDs");
  }
  return devices;
}

}  // namespace

void Platform::define(Napi::Env env, Napi::Object exports) {
  defineClass(env, exports, {InstanceMethod<&Platform::devices>("devices")});
}

Napi::Object Platform::make(Napi::Env env, cl_platform_id platform) { return construct(env, platform); }

Platform::Platform(const Napi::CallbackInfo& info)
    : Wrapped(info), platform_(takeParts<cl_platform_id>(info)) {
  translated(info.Env(), [&] { setReadOnly(info, "info", platformInfo(info.Env(), platform_)); });
}

Napi::Value Platform::devices(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    const std::vector<cl_device_id> ids = deviceIds(platform_);
    Napi::Array devices = Napi::Array::New(info.Env(), ids.size());
    for (uint32_t i = 0; i < ids.size(); ++i) devices.Set(i, Device::make(info.Env(), ids[i], info.This()));
    return devices;
  });
}

void Device::define(Napi::Env env, Napi::Object exports) { defineClass(env, exports, {}); }

Napi::Object Device::make(Napi::Env env, cl_device_id device, const Napi::Value& platform) {
  return construct(env, DeviceParts{device, platform});
}

Device::Device(const Napi::CallbackInfo& info) : Wrapped(info) {
  const auto& parts = takeParts<DeviceParts>(info);
  device_ = parts.device;
  setReadOnly(info, "platform", parts.platform);
  translated(info.Env(), [&] { setReadOnly(info, "info", deviceInfo(info.Env(), device_)); });
}

}  // namespace bnnw
