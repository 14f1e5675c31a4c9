// The JavaScript class Queue: an in-order command queue.
#pragma once

#include "addon.h"
#include "run_loop.h"

namespace bnnw {

class Queue : public Wrapped<Queue> {
 public:
  static constexpr ClassId id = ClassId::queue;
  static constexpr const char* name = "Queue";

  static void define(Napi::Env env, Napi::Object exports);
  static Napi::Object make(Napi::Env env, const ContextHandle& context, cl_device_id device, bool profiling);
  explicit Queue(const Napi::CallbackInfo& info);

  /// Throws TypeError where it was released.
  const std::shared_ptr<QueueState>& state(Napi::Env env) const { return unreleased(env, state_); }

 private:
  void write(const Napi::CallbackInfo& info);
  void read(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  Napi::Value unfinished(const Napi::CallbackInfo& info);
  void release(const Napi::CallbackInfo& info);
  const std::shared_ptr<QueueState>& idle(Napi::Env env) const;

  std::shared_ptr<QueueState> state_;
};

}  // namespace bnnw
