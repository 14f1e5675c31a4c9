#include "run_loop.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>

namespace bnnw {
namespace {

using Clock = std::chrono::steady_clock;

double nanosecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

/// 0 for a command that has ended, above 0 before; negative where it failed.
cl_int statusOf(cl_event event) {
  cl_int status = CL_SUCCESS;
  check(
      openCl().clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof status, &status, nullptr),
      "clGetEventInfo");
  return status;
}

/// The events of the commands of one repeat.
class Events {
 public:
  explicit Events(size_t commands) { events_.reserve(commands); }
  Events(Events&&) = default;
  Events& operator=(Events&&) = delete;
  ~Events() {
    for (const cl_event event : events_) openCl().clReleaseEvent(event);
  }

  void add(cl_event event) { events_.push_back(event); }
  cl_event operator[](size_t command) const { return events_[command]; }
  cl_int waitForLast() const { return openCl().clWaitForEvents(1, &events_.back()); }
  cl_int waitForAll() const {
    return openCl().clWaitForEvents(static_cast<cl_uint>(events_.size()), events_.data());
  }

 private:
  std::vector<cl_event> events_;
};

cl_ulong profiled(cl_event event, cl_uint what) {
  cl_ulong nanoseconds = 0;
  check(openCl().clGetEventProfilingInfo(event, what, sizeof nanoseconds, &nanoseconds, nullptr),
        "clGetEventProfilingInfo");
  return nanoseconds;
}

/// From the start of one command to the end of another; negative only where a driver's clock is.
double elapsedNs(cl_event first, cl_event last) {
  const cl_ulong start = profiled(first, CL_PROFILING_COMMAND_START);
  const cl_ulong end = profiled(last, CL_PROFILING_COMMAND_END);
  return static_cast<double>(static_cast<int64_t>(end - start));
}

/// What a command has to wait for where queues differ: the commands before it that no later one waited for yet.
/// Within one queue the queue's own order is enough.
class Order {
 public:
  Order() = default;
  Order(const Order&) = delete;
  Order& operator=(const Order&) = delete;
  ~Order() {
    release(before_);
    release(latest_);
  }

  /// To be asked before a command is enqueued.
  const std::vector<cl_event>& waitList(bool beside) {
    if (!beside) {
      release(before_);
      before_.swap(latest_);
    }
    return before_;
  }

  void add(cl_event event) {
    check(openCl().clRetainEvent(event), "clRetainEvent");
    latest_.push_back(event);
  }

 private:
  static void release(std::vector<cl_event>& events) {
    for (const cl_event event : events) openCl().clReleaseEvent(event);
    events.clear();
  }

  std::vector<cl_event> before_;
  std::vector<cl_event> latest_;
};

class RunLoop {
 public:
  explicit RunLoop(const Recording& recording)
      : recording_(recording),
        queue_(recording.queue->handle.raw()),
        progress_(recording.queue->progress),
        commands_(recording.commands) {
    for (size_t i = 0; i < commands_.size(); ++i) {
      const auto& queue = turnOf(commands_[i]).queue;
      if (queue) otherQueues_.push_back(queue->handle.raw());
      if (!std::holds_alternative<Launch>(commands_[i])) continue;
      if (!firstLaunch_) firstLaunch_ = i;
      lastLaunch_ = i;
    }
    // Room for the samples of all but very long runs, which may well be cancelled.
    const size_t expected = std::min<size_t>(recording.repeats, 1 << 16);
    times_.hostNs.reserve(recording.waitEach ? expected : 1);
    if (recording.queue->profiling && firstLaunch_) times_.deviceNs.reserve(expected);
    if (recording.perCommand) times_.commandNs.reserve(expected * commands_.size());
  }

  ~RunLoop() { progress_.clear(); }

  RunTimes run() {
    try {
      if (recording_.waitEach) {
        waitForEach();
      } else {
        waitAtEnd();
      }
    } catch (...) {
      // What was queued still uses the arrays and buffers of the recording: let it end first.
      finish();
      throw;
    }
    return std::move(times_);
  }

 private:
  bool cancelled() const { return recording_.queue->cancelled.load(std::memory_order_relaxed); }

  void waitForEach() {
    for (size_t repeat = 0; repeat < recording_.repeats && !cancelled(); ++repeat) {
      Events events(commands_.size());
      const Clock::time_point start = Clock::now();
      enqueue(repeat, events);
      const cl_int finished = finish();
      const double hostNs = nanosecondsSince(start);
      checkEach(events);  // first: an event's status says more than clFinish
      check(finished, "clFinish");
      times_.hostNs.push_back(hostNs);
      collect(events);
    }
  }

  /// Never more than a window of repeats is in the queue: their events are a driver's memory, and a cancelled
  /// run should end soon. The window is long enough that the device does not run dry.
  void waitAtEnd() {
    constexpr size_t liveEvents = 512;
    const size_t window = std::max<size_t>(2, liveEvents / commands_.size());
    std::deque<Events> inFlight;
    const Clock::time_point start = Clock::now();
    for (size_t repeat = 0; repeat < recording_.repeats && !cancelled(); ++repeat) {
      inFlight.emplace_back(commands_.size());
      enqueue(repeat, inFlight.back());
      check(openCl().clFlush(queue_), "clFlush");
      if (inFlight.size() == window) collectOldest(inFlight);
    }
    const cl_int finished = finish();
    const double hostNs = nanosecondsSince(start);
    for (const Events& events : inFlight) checkEach(events);
    check(finished, "clFinish");
    while (!inFlight.empty()) {
      collect(inFlight.front());
      inFlight.pop_front();
    }
    times_.hostNs.push_back(hostNs);
  }

  void collectOldest(std::deque<Events>& inFlight) {
    const Events& oldest = inFlight.front();
    // A queue is in order: where there is one, the last command is done after all others. A failed one makes the wait
    // fail, with a code that says less than its own.
    const cl_int waited = otherQueues_.empty() ? oldest.waitForLast() : oldest.waitForAll();
    checkEach(oldest);
    check(waited, "clWaitForEvents");
    collect(oldest);
    inFlight.pop_front();
  }

  /// All queues; the first failure, or success.
  cl_int finish() const {
    cl_int code = openCl().clFinish(queue_);
    for (const cl_command_queue queue : otherQueues_) {
      const cl_int other = openCl().clFinish(queue);
      if (code == CL_SUCCESS) code = other;
    }
    return code;
  }

  void enqueue(size_t repeat, Events& events) {
    static const std::vector<cl_event> nothing;
    const bool ordered = otherQueues_.empty();
    if (!ordered) progress_.clear();
    for (const RecordedCommand& command : commands_) {
      const auto* launch = std::get_if<Launch>(&command);
      const std::vector<cl_event>& before =
          ordered ? nothing : order_.waitList(turnOf(command).beside);
      cl_event event = nullptr;
      if (launch != nullptr) {
        enqueueLaunch(*launch, before, &event);
      } else {
        enqueueTransfer(std::get<Transfer>(command), repeat, before, &event);
      }
      events.add(event);
      if (ordered) continue;
      order_.add(event);
      progress_.add(event);
    }
    // A command waits for ever for one that was never sent to the device.
    if (!ordered) check(openCl().clFlush(queue_), "clFlush");
    for (const cl_command_queue queue : otherQueues_) check(openCl().clFlush(queue), "clFlush");
  }

  void enqueueTransfer(const Transfer& transfer, size_t repeat, const std::vector<cl_event>& before,
                       cl_event* event) {
    uint8_t* host = transfer.host + transfer.offset + repeat * transfer.stride;
    const cl_mem buffer = transfer.buffer->raw();
    const cl_command_queue queue = queueOf(transfer.turn);
    const auto count = static_cast<cl_uint>(before.size());
    const cl_event* waits = before.empty() ? nullptr : before.data();
    if (transfer.toDevice) {
      check(openCl().clEnqueueWriteBuffer(queue, buffer, CL_FALSE, transfer.bufferOffset, transfer.bytes,
                                          host, count, waits, event),
            "clEnqueueWriteBuffer");
    } else {
      check(openCl().clEnqueueReadBuffer(queue, buffer, CL_FALSE, transfer.bufferOffset, transfer.bytes,
                                         host, count, waits, event),
            "clEnqueueReadBuffer");
    }
  }

  void enqueueLaunch(const Launch& launch, const std::vector<cl_event>& before, cl_event* event) {
    KernelState& kernel = *launch.kernel;
    for (const auto& [index, argument] : launch.arguments) kernel.setArgument(index, argument);
    const cl_int code = openCl().clEnqueueNDRangeKernel(
        queueOf(launch.turn), kernel.handle.raw(), launch.dimensions, nullptr,
        launch.global.data(), launch.hasLocal ? launch.local.data() : nullptr,
        static_cast<cl_uint>(before.size()), before.empty() ? nullptr : before.data(), event);
    if (code != CL_SUCCESS) throw Failure("clEnqueueNDRangeKernel", code, kernel.name);
  }

  static const Turn& turnOf(const RecordedCommand& command) {
    return std::visit([](const auto& each) -> const Turn& { return each.turn; }, command);
  }

  cl_command_queue queueOf(const Turn& turn) const { return turn.queue ? turn.queue->handle.raw() : queue_; }

  /// Throws for the first command that ended with a negative status.
  void checkEach(const Events& events) const {
    for (size_t i = 0; i < commands_.size(); ++i) {
      const cl_int status = statusOf(events[i]);
      if (status < 0)
        throw Failure(callOf(commands_[i]), status, "command " + std::to_string(i) + " ended with it");
    }
  }

  static const char* callOf(const RecordedCommand& command) {
    const auto* transfer = std::get_if<Transfer>(&command);
    if (transfer == nullptr) return "clEnqueueNDRangeKernel";
    return transfer->toDevice ? "clEnqueueWriteBuffer" : "clEnqueueReadBuffer";
  }

  /// Takes the times of a repeat that is done.
  void collect(const Events& events) {
    if (recording_.queue->profiling && firstLaunch_) {
      times_.deviceNs.push_back(elapsedNs(events[*firstLaunch_], events[lastLaunch_]));
    }
    if (recording_.perCommand) {
      for (size_t i = 0; i < commands_.size(); ++i)
        times_.commandNs.push_back(elapsedNs(events[i], events[i]));
    }
    ++times_.repeats;
  }

  const Recording& recording_;
  const cl_command_queue queue_;
  Progress& progress_;
  const std::vector<RecordedCommand>& commands_;
  /// Those of commands; one may stand here more than once.
  std::vector<cl_command_queue> otherQueues_;
  Order order_;
  std::optional<size_t> firstLaunch_;
  size_t lastLaunch_ = 0;
  RunTimes times_;
};

}  // namespace

void Progress::add(cl_event event) {
  check(openCl().clRetainEvent(event), "clRetainEvent");
  const std::lock_guard<std::mutex> lock(mutex_);
  events_.push_back(event);
}

void Progress::clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const cl_event event : events_) openCl().clReleaseEvent(event);
  events_.clear();
}

std::vector<size_t> Progress::unfinished() {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<size_t> places;
  for (size_t i = 0; i < events_.size(); ++i) {
    if (statusOf(events_[i]) > CL_SUCCESS) places.push_back(i);
  }
  return places;
}

RunTimes runLoop(const Recording& recording) { return RunLoop(recording).run(); }

}  // namespace bnnw
