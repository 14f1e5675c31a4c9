// The timed loop: executes a recorded list of commands many times. No JavaScript in here, and no policy: the
// order of calls is the order of the list.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

#include "handle.h"
#include "host_memory.h"
#include "kernel.h"

namespace bnnw {

/// The events of the repeat in flight, for a look from another thread.
class Progress {
 public:
  Progress() = default;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  void add(cl_event event);
  void clear();
  /// Places of the events that have not ended. Throws Failure.
  std::vector<size_t> unfinished();

 private:
  std::mutex mutex_;
  std::vector<cl_event> events_;
};

struct QueueState {
  QueueState(cl_command_queue raw, bool profiling) : handle(raw), profiling(profiling) {}

  const QueueHandle handle;
  const bool profiling;
  bool inRun = false;  // belongs to the JavaScript thread
  std::atomic<bool> cancelled{false};
  Progress progress;  // of a run whose commands have queues of their own
};

/// Which queue a command runs in, and after what.
struct Turn {
  /// Null for the run's own.
  std::shared_ptr<QueueState> queue;
  /// Waits for what the command before it waits for, not for that command.
  bool beside = false;
};

/// A copy between device memory and an array of JavaScript's, which the run keeps alive, or memory of the host's.
struct Transfer {
  bool toDevice;
  std::shared_ptr<BufferHandle> buffer;
  uint8_t* host;
  size_t bytes;
  size_t offset;
  size_t stride;
  size_t bufferOffset;
  /// Null for an array.
  std::shared_ptr<MappedMemory> memory;
  Turn turn;
};

struct Launch {
  std::shared_ptr<KernelState> kernel;
  cl_uint dimensions;
  std::array<size_t, 3> global;
  std::array<size_t, 3> local;
  bool hasLocal;
  /// Set each time before this launch: all that any launch of the same kernel in the list sets.
  std::vector<std::pair<cl_uint, KernelArgument>> arguments;
  Turn turn;
};

using RecordedCommand = std::variant<Transfer, Launch>;

/// Checked: every transfer of every repeat lies inside its array and its buffer.
struct Recording {
  std::shared_ptr<QueueState> queue;
  std::vector<RecordedCommand> commands;
  size_t repeats;
  bool waitEach;
  bool perCommand;
};

/// As RunTimes in index.d.ts; empty for null.
struct RunTimes {
  std::vector<double> hostNs;
  std::vector<double> deviceNs;
  std::vector<double> commandNs;
  size_t repeats = 0;
};

/// Throws Failure. Nothing is left in the queue and no event is left alive, however it ends.
RunTimes runLoop(const Recording& recording);

}  // namespace bnnw
