#include "context.h"

#include "buffer.h"
#include "build_job.h"
#include "errors.h"
#include "host_memory.h"
#include "platform.h"
#include "queue.h"
#include "values.h"

namespace bnnw {
namespace {

std::shared_ptr<ContextHandle> createContext(cl_device_id device) {
  cl_int code = CL_SUCCESS;
  const cl_context raw = openCl().clCreateContext(nullptr, 1, &device, nullptr, nullptr, &code);
  check(code, "clCreateContext");
  return std::make_shared<ContextHandle>(raw);
}

cl_bitfield readAccess(const Napi::Value& value) {
  if (value.IsUndefined()) return CL_MEM_READ_WRITE;
  const std::string access = readString(value, "access");
  if (access == "read-write") return CL_MEM_READ_WRITE;
  if (access == "read-only") return CL_MEM_READ_ONLY;
  if (access == "write-only") return CL_MEM_WRITE_ONLY;
  throw Napi::TypeError::New(value.Env(), "access must be read-write, read-only or write-only");
}

bool readProfiling(const Napi::Value& options) {
  if (options.IsUndefined()) return true;
  return readBooleanOr(readObject(options, "options").Get("profiling"), "profiling", true);
}

}  // namespace

void Context::define(Napi::Env env, Napi::Object exports) {
  defineClass(env, exports,
              {
                  InstanceMethod<&Context::createQueue>("createQueue"),
                  InstanceMethod<&Context::createBuffer>("createBuffer"),
                  InstanceMethod<&Context::createHostMemory>("createHostMemory"),
                  InstanceMethod<&Context::buildProgram>("buildProgram"),
                  InstanceMethod<&Context::loadProgram>("loadProgram"),
                  InstanceMethod<&Context::release>("release"),
              });
}

Context::Context(const Napi::CallbackInfo& info)
    : Wrapped(info), device_(Device::from(info[0], "device").raw()) {
  handle_ = translated(info.Env(), [&] { return createContext(device_); });
  setReadOnly(info, "device", info[0]);
}

Napi::Value Context::createQueue(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    const bool profiling = readProfiling(info[0]);
    return Queue::make(info.Env(), *unreleased(info.Env(), handle_), device_, profiling);
  });
}

Napi::Value Context::createBuffer(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    const size_t bytes = readSize(info[0], "bytes", 1);
    const cl_bitfield access = readAccess(info[1]);
    return Buffer::make(info.Env(), *unreleased(info.Env(), handle_), bytes, access);
  });
}

Napi::Value Context::createHostMemory(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    const size_t bytes = readSize(info[0], "bytes", 1);
    return HostMemory::make(info.Env(), *unreleased(info.Env(), handle_), device_, bytes);
  });
}

Napi::Value Context::buildProgram(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    return startBuild(info.Env(), {unreleased(info.Env(), handle_), device_, readString(info[0], "source"),
                                   false, readString(info[1], "options")});
  });
}

Napi::Value Context::loadProgram(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    const Napi::Uint8Array binary = readBytes(info[0], "binary");
    if (binary.ByteLength() == 0) throw Napi::RangeError::New(info.Env(), "binary must not be empty");
    // A copy, so that the array may be changed or dropped while the driver still reads it.
    std::string copy(reinterpret_cast<const char*>(binary.Data()), binary.ByteLength());
    return startBuild(info.Env(), {unreleased(info.Env(), handle_), device_, std::move(copy), true,
                                   readString(info[1], "options")});
  });
}

void Context::release(const Napi::CallbackInfo&) { handle_.reset(); }

}  // namespace bnnw
