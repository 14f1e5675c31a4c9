// The module: its classes and its functions.
#include "addon.h"

#include "buffer.h"
#include "context.h"
#include "errors.h"
#include "handle.h"
#include "host_memory.h"
#include "kernel.h"
#include "loader.h"
#include "nvml.h"
#include "platform.h"
#include "program.h"
#include "queue.h"

namespace bnnw {
namespace {

Napi::Value platforms(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    const OpenCl& functions = loadOpenCl();
    cl_uint count = 0;
    check(functions.clGetPlatformIDs(0, nullptr, &count), "clGetPlatformIDs");
    std::vector<cl_platform_id> ids(count);
    if (count > 0) check(functions.clGetPlatformIDs(count, ids.data(), nullptr), "clGetPlatformIDs");
    Napi::Array list = Napi::Array::New(info.Env(), count);
    for (uint32_t i = 0; i < count; ++i) list.Set(i, Platform::make(info.Env(), ids[i]));
    return list;
  });
}

Napi::Value loaderPathOrNull(const Napi::CallbackInfo& info) {
  try {
    return Napi::String::New(info.Env(), loaderPath());
  } catch (const Failure&) {
    return info.Env().Null();
  }
}

Napi::Value liveHandles(const Napi::CallbackInfo& info) {
  Napi::Object live = Napi::Object::New(info.Env());
  live.Set("contexts", ContextHandle::live.load());
  live.Set("queues", QueueHandle::live.load());
  live.Set("buffers", BufferHandle::live.load());
  live.Set("programs", ProgramHandle::live.load());
  live.Set("kernels", KernelHandle::live.load());
  return live;
}

void endBeforeExit(const Napi::CallbackInfo& info) {
  Addon::of(info.Env()).jobs.endBeforeExit(info[0].ToNumber().Int32Value());
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Addon(env));
  Platform::define(env, exports);
  Device::define(env, exports);
  Context::define(env, exports);
  Buffer::define(env, exports);
  Program::define(env, exports);
  Kernel::define(env, exports);
  Queue::define(env, exports);
  HostMemory::define(env, exports);
  exports.Set("platforms", Napi::Function::New<platforms>(env, "platforms"));
  exports.Set("loaderPath", Napi::Function::New<loaderPathOrNull>(env, "loaderPath"));
  exports.Set("liveHandles", Napi::Function::New<liveHandles>(env, "liveHandles"));
  exports.Set("endBeforeExit", Napi::Function::New<endBeforeExit>(env, "endBeforeExit"));
  defineNvml(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(bnnw_opencl, initialize)

}  // namespace bnnw
