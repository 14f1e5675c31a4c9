// The JavaScript class Buffer: device memory.
#pragma once

#include "addon.h"
#include "handle.h"

namespace bnnw {

class Buffer : public Wrapped<Buffer> {
 public:
  static constexpr ClassId id = ClassId::buffer;
  static constexpr const char* name = "Buffer";

  static void define(Napi::Env env, Napi::Object exports);
  static Napi::Object make(Napi::Env env, const ContextHandle& context, size_t bytes, cl_bitfield access);
  explicit Buffer(const Napi::CallbackInfo& info);

  /// Throws TypeError after release().
  const std::shared_ptr<BufferHandle>& handle() const { return unreleased(Env(), handle_); }
  size_t bytes() const { return bytes_; }

 private:
  struct Parts;
  void release(const Napi::CallbackInfo& info);

  std::shared_ptr<BufferHandle> handle_;
  size_t bytes_ = 0;
};

}  // namespace bnnw
