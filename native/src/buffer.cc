#include "buffer.h"

#include "errors.h"

namespace bnnw {

struct Buffer::Parts {
  std::shared_ptr<BufferHandle> handle;
  size_t bytes;
};

void Buffer::define(Napi::Env env, Napi::Object exports) {
  defineClass(env, exports, {InstanceMethod<&Buffer::release>("release")});
}

Napi::Object Buffer::make(Napi::Env env, const ContextHandle& context, size_t bytes, cl_bitfield access) {
  cl_int code = CL_SUCCESS;
  const cl_mem raw = openCl().clCreateBuffer(context.raw(), access, bytes, nullptr, &code);
  check(code, "clCreateBuffer");
  return construct(env, Parts{std::make_shared<BufferHandle>(raw), bytes});
}

Buffer::Buffer(const Napi::CallbackInfo& info) : Wrapped(info) {
  const auto& parts = takeParts<Parts>(info);
  handle_ = parts.handle;
  bytes_ = parts.bytes;
  setReadOnly(info, "bytes", Napi::Number::New(info.Env(), static_cast<double>(bytes_)));
}

void Buffer::release(const Napi::CallbackInfo&) { handle_.reset(); }

}  // namespace bnnw
