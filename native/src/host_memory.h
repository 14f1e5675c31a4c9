// The JavaScript class HostMemory: memory of the host that the driver holds in place, so that a device copies from
// and to it on its own. JavaScript gets no view of it: Electron forbids arrays over foreign memory.
#pragma once

#include "addon.h"
#include "handle.h"

namespace bnnw {

/// A buffer of the driver's in the host's memory, mapped from beginning to end of its life.
class MappedMemory {
 public:
  /// Throws Failure.
  MappedMemory(const ContextHandle& context, cl_device_id device, size_t bytes);
  ~MappedMemory();
  MappedMemory(const MappedMemory&) = delete;
  MappedMemory& operator=(const MappedMemory&) = delete;

  uint8_t* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  /// Mapping and unmapping are commands.
  const QueueHandle queue_;
  const BufferHandle buffer_;
  const size_t bytes_;
  uint8_t* data_ = nullptr;
};

class HostMemory : public Wrapped<HostMemory> {
 public:
  static constexpr ClassId id = ClassId::hostMemory;
  static constexpr const char* name = "HostMemory";

  static void define(Napi::Env env, Napi::Object exports);
  static Napi::Object make(Napi::Env env, const ContextHandle& context, cl_device_id device, size_t bytes);
  explicit HostMemory(const Napi::CallbackInfo& info);

  /// Throws TypeError after release().
  const std::shared_ptr<MappedMemory>& memory() const { return unreleased(Env(), memory_); }

 private:
  void write(const Napi::CallbackInfo& info);
  void read(const Napi::CallbackInfo& info);
  void release(const Napi::CallbackInfo& info);

  std::shared_ptr<MappedMemory> memory_;
};

}  // namespace bnnw
