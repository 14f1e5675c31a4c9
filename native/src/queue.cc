#include "queue.h"

#include "buffer.h"
#include "recorder.h"
#include "values.h"

namespace bnnw {
namespace {

Napi::Value toFloat64Array(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

class RunJob : public Job {
 public:
  RunJob(Napi::Env env, RecordedRun run) : Job(env), run_(std::move(run)) {
    recording().queue->cancelled = false;
    setInRun(true);
  }

  void execute() override { times_ = runLoop(recording()); }
  void cancel() override { recording().queue->cancelled = true; }
  void finished() override { setInRun(false); }

  Napi::Value result(Napi::Env env) override {
    Napi::Object times = Napi::Object::New(env);
    times.Set("hostNs", toFloat64Array(env, times_.hostNs));
    times.Set("deviceNs", hasDeviceTimes() ? toFloat64Array(env, times_.deviceNs) : env.Null());
    times.Set("commandNs", recording().perCommand ? toFloat64Array(env, times_.commandNs) : env.Null());
    times.Set("repeats", static_cast<double>(times_.repeats));
    return times;
  }

 private:
  Recording& recording() { return run_.recording; }
  bool hasDeviceTimes() { return recording().queue->profiling && !run_.kernels.empty(); }

  void setInRun(bool inRun) {
    recording().queue->inRun = inRun;
    for (const auto& kernel : run_.kernels) kernel->inRun = inRun;
    for (const auto& queue : run_.queues) queue->inRun = inRun;
  }

  RecordedRun run_;
  RunTimes times_;
};

struct BlockingCopy {
  std::shared_ptr<BufferHandle> buffer;
  Napi::Uint8Array array;
  size_t bufferOffset;
};

/// From the arguments (buffer, array, bufferOffset) of write() and read().
BlockingCopy readCopy(const Napi::CallbackInfo& info, const char* arrayName) {
  const Buffer& buffer = Buffer::from(info[0], "buffer");
  const BlockingCopy copy{buffer.handle(), readBytes(info[1], arrayName),
                          readSizeOr(info[2], "bufferOffset", 0)};
  if (copy.array.ByteLength() == 0)
    throw Napi::RangeError::New(info.Env(), std::string(arrayName) + " is empty");
  checkRange(info.Env(), "buffer", copy.bufferOffset, copy.array.ByteLength(), buffer.bytes());
  return copy;
}

}  // namespace

void Queue::define(Napi::Env env, Napi::Object exports) {
  defineClass(env, exports,
              {
                  InstanceMethod<&Queue::write>("write"),
                  InstanceMethod<&Queue::read>("read"),
                  InstanceMethod<&Queue::run>("run"),
                  InstanceMethod<&Queue::cancel>("cancel"),
                  InstanceMethod<&Queue::unfinished>("unfinished"),
                  InstanceMethod<&Queue::release>("release"),
              });
}

Napi::Object Queue::make(Napi::Env env, const ContextHandle& context, cl_device_id device, bool profiling) {
  cl_int code = CL_SUCCESS;
  // Deprecated since OpenCL 2.0 but in every driver; its successor is missing in those for 1.2.
  const cl_command_queue raw =
      openCl().clCreateCommandQueue(context.raw(), device, profiling ? CL_QUEUE_PROFILING_ENABLE : 0, &code);
  check(code, "clCreateCommandQueue");
  return construct(env, std::make_shared<QueueState>(raw, profiling));
}

Queue::Queue(const Napi::CallbackInfo& info)
    : Wrapped(info), state_(takeParts<std::shared_ptr<QueueState>>(info)) {}

const std::shared_ptr<QueueState>& Queue::idle(Napi::Env env) const {
  const auto& state = unreleased(env, state_);
  if (state->inRun) throw Napi::Error::New(env, "the Queue is in a run");
  return state;
}

void Queue::write(const Napi::CallbackInfo& info) {
  translated(info.Env(), [&] {
    const BlockingCopy copy = readCopy(info, "source");
    check(openCl().clEnqueueWriteBuffer(idle(info.Env())->handle.raw(), copy.buffer->raw(), CL_TRUE,
                                        copy.bufferOffset, copy.array.ByteLength(), copy.array.Data(), 0,
                                        nullptr, nullptr),
          "clEnqueueWriteBuffer");
  });
}

void Queue::read(const Napi::CallbackInfo& info) {
  translated(info.Env(), [&] {
    BlockingCopy copy = readCopy(info, "target");
    check(openCl().clEnqueueReadBuffer(idle(info.Env())->handle.raw(), copy.buffer->raw(), CL_TRUE,
                                       copy.bufferOffset, copy.array.ByteLength(), copy.array.Data(), 0,
                                       nullptr, nullptr),
          "clEnqueueReadBuffer");
  });
}

Napi::Value Queue::run(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&] {
    RecordedRun run = recordRun(unreleased(info.Env(), state_), info[0], info[1]);
    if (run.recording.queue->inRun) throw Napi::Error::New(info.Env(), "the Queue is in a run");
    return Addon::of(info.Env()).jobs.start(info.Env(), std::make_unique<RunJob>(info.Env(), std::move(run)));
  });
}

void Queue::cancel(const Napi::CallbackInfo& info) { unreleased(info.Env(), state_)->cancelled = true; }

Napi::Value Queue::unfinished(const Napi::CallbackInfo& info) {
  return translated(info.Env(), [&]() -> Napi::Value {
    const std::vector<size_t> places = unreleased(info.Env(), state_)->progress.unfinished();
    Napi::Array array = Napi::Array::New(info.Env(), places.size());
    for (uint32_t i = 0; i < places.size(); ++i) array.Set(i, static_cast<double>(places[i]));
    return array;
  });
}

void Queue::release(const Napi::CallbackInfo&) { state_.reset(); }

}  // namespace bnnw
