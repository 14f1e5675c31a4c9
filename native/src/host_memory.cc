#include "host_memory.h"

#include <cstring>

#include "errors.h"
#include "values.h"

namespace bnnw {
namespace {

cl_command_queue createQueue(const ContextHandle& context, cl_device_id device) {
  cl_int code = CL_SUCCESS;
  const cl_command_queue raw = openCl().clCreateCommandQueue(context.raw(), device, 0, &code);
  check(code, "clCreateCommandQueue");
  return raw;
}

cl_mem createBuffer(const ContextHandle& context, size_t bytes) {
  cl_int code = CL_SUCCESS;
  const cl_mem raw = openCl().clCreateBuffer(context.raw(), CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes,
                                             nullptr, &code);
  check(code, "clCreateBuffer");
  return raw;
}

}  // namespace

MappedMemory::MappedMemory(const ContextHandle& context, cl_device_id device, size_t bytes)
    : queue_(createQueue(context, device)), buffer_(createBuffer(context, bytes)), bytes_(bytes) {
  cl_int code = CL_SUCCESS;
  void* mapped = openCl().clEnqueueMapBuffer(queue_.raw(), buffer_.raw(), CL_TRUE, CL_MAP_READ | CL_MAP_WRITE,
                                             0, bytes, 0, nullptr, nullptr, &code);
  check(code, "clEnqueueMapBuffer");
  data_ = static_cast<uint8_t*>(mapped);
}

MappedMemory::~MappedMemory() {
  // Failures here have nobody to be told to.
  openCl().clEnqueueUnmapMemObject(queue_.raw(), buffer_.raw(), data_, 0, nullptr, nullptr);
  openCl().clFinish(queue_.raw());
}

void HostMemory::define(Napi::Env env, Napi::Object exports) {
  defineClass(env, exports,
              {
                  InstanceMethod<&HostMemory::write>("write"),
                  InstanceMethod<&HostMemory::read>("read"),
                  InstanceMethod<&HostMemory::release>("release"),
              });
}

Napi::Object HostMemory::make(Napi::Env env, const ContextHandle& context, cl_device_id device, size_t bytes) {
  return construct(env, std::make_shared<MappedMemory>(context, device, bytes));
}

HostMemory::HostMemory(const Napi::CallbackInfo& info)
    : Wrapped(info), memory_(takeParts<std::shared_ptr<MappedMemory>>(info)) {
  setReadOnly(info, "bytes", Napi::Number::New(info.Env(), static_cast<double>(memory_->bytes())));
}

void HostMemory::write(const Napi::CallbackInfo& info) {
  const size_t offset = readSizeOr(info[1], "offset", 0);
  const Napi::Uint8Array source = readBytes(info[0], "source");
  checkRange(info.Env(), "source", offset, source.ByteLength(), memory()->bytes());
  if (source.ByteLength() > 0) std::memcpy(memory()->data() + offset, source.Data(), source.ByteLength());
}

void HostMemory::read(const Napi::CallbackInfo& info) {
  const size_t offset = readSizeOr(info[1], "offset", 0);
  Napi::Uint8Array target = readBytes(info[0], "target");
  checkRange(info.Env(), "target", offset, target.ByteLength(), memory()->bytes());
  if (target.ByteLength() > 0) std::memcpy(target.Data(), memory()->data() + offset, target.ByteLength());
}

void HostMemory::release(const Napi::CallbackInfo&) { memory_.reset(); }

}  // namespace bnnw
