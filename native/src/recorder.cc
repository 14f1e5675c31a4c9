#include "recorder.h"

#include <algorithm>
#include <map>
#include <set>

#include "buffer.h"
#include "host_memory.h"
#include "queue.h"
#include "values.h"

namespace bnnw {
namespace {

/// Reading a property may run JavaScript (a getter), which could release an object or transfer an array. So
/// everything is read first; addresses, lengths and arguments are taken after that, when no JavaScript runs.
class Recorder {
 public:
  Recorder(Napi::Env env, std::shared_ptr<QueueState> queue) : env_(env) {
    run_.recording.queue = std::move(queue);
  }

  void readOptions(const Napi::Value& value) {
    const Napi::Object options = readObject(value, "options");
    Recording& recording = run_.recording;
    recording.repeats = readSize(options.Get("repeats"), "repeats", 1);
    const Napi::Value wait = options.Get("wait");
    const std::string waitName = wait.IsUndefined() ? "each" : readString(wait, "wait");
    if (waitName != "each" && waitName != "end") throw Napi::TypeError::New(env_, "wait must be each or end");
    recording.waitEach = waitName == "each";
    recording.perCommand = readBooleanOr(options.Get("perCommand"), "perCommand", false);
    if (recording.perCommand && !recording.queue->profiling) {
      throw Napi::TypeError::New(env_, "perCommand needs a queue with profiling");
    }
  }

  void readCommands(const Napi::Value& value) {
    const Napi::Array commands = readArray(value, "commands");
    for (uint32_t i = 0; i < commands.Length(); ++i) {
      const std::string where = "commands[" + std::to_string(i) + "]";
      const Napi::Object command = readObject(commands.Get(i), where);
      const std::string kind = readString(command.Get("kind"), where + ".kind");
      if (kind == "write") {
        readTransfer(command, where, true);
      } else if (kind == "read") {
        readTransfer(command, where, false);
      } else if (kind == "kernel") {
        readLaunch(command, where);
      } else {
        throw Napi::TypeError::New(env_, where + ".kind must be write, read or kernel");
      }
    }
    if (run_.recording.commands.empty()) throw Napi::RangeError::New(env_, "commands must not be empty");
  }

  RecordedRun finish() {
    for (const PendingArray& pending : arrays_) bind(pending);
    for (const auto& kernel : run_.kernels) checkIdle(env_, *kernel);
    for (const auto& queue : run_.queues) checkQueue(*queue);
    for (size_t i = 0; i < run_.recording.commands.size(); ++i) {
      if (auto* launch = std::get_if<Launch>(&run_.recording.commands[i])) complete(*launch, i);
    }
    return std::move(run_);
  }

 private:
  void checkQueue(const QueueState& queue) const {
    if (queue.inRun) throw Napi::Error::New(env_, "the Queue of a command is in a run");
    if (run_.recording.queue->profiling && !queue.profiling)
      throw Napi::TypeError::New(env_, "a command's queue needs profiling where the run's has it");
  }

  struct PendingArray {
    size_t command;
    std::string what;
    Napi::Value array;
  };

  void readTransfer(const Napi::Object& command, const std::string& where, bool toDevice) {
    const std::string arrayName = where + (toDevice ? ".source" : ".target");
    Transfer transfer{};
    transfer.toDevice = toDevice;
    const Napi::Value host = command.Get(toDevice ? "source" : "target");
    if (HostMemory::is(host)) {
      transfer.memory = HostMemory::from(host, arrayName).memory();
    } else {
      readBytes(host, arrayName);
    }
    transfer.bytes = readSize(command.Get("bytes"), where + ".bytes", 1);
    transfer.offset = readSizeOr(command.Get("offset"), where + ".offset", 0);
    transfer.stride = readSizeOr(command.Get("stride"), where + ".stride", 0);
    transfer.bufferOffset = readSizeOr(command.Get("bufferOffset"), where + ".bufferOffset", 0);
    const Buffer& buffer = Buffer::from(command.Get("buffer"), where + ".buffer");
    transfer.buffer = buffer.handle();
    checkRange(env_, where + ".buffer", transfer.bufferOffset, transfer.bytes, buffer.bytes());
    transfer.turn = readTurn(command, where);
    arrays_.push_back({run_.recording.commands.size(), arrayName, host});
    run_.arrays.push_back(Napi::Persistent(host.As<Napi::Object>()));
    run_.recording.commands.emplace_back(std::move(transfer));
  }

  void readLaunch(const Napi::Object& command, const std::string& where) {
    Launch launch{};
    launch.kernel = Kernel::from(command.Get("kernel"), where + ".kernel").state();
    launch.dimensions = readSizes(command.Get("global"), where + ".global", launch.global);
    const Napi::Value local = command.Get("local");
    launch.hasLocal = !local.IsUndefined();
    if (launch.hasLocal && readSizes(local, where + ".local", launch.local) != launch.dimensions) {
      throw Napi::RangeError::New(env_, where + ".local must have as many dimensions as global");
    }
    const Napi::Value own = command.Get("arguments");
    if (!own.IsUndefined()) readOwnArguments(readArray(own, where + ".arguments"), where, launch);
    launch.turn = readTurn(command, where);
    if (std::find(run_.kernels.begin(), run_.kernels.end(), launch.kernel) == run_.kernels.end()) {
      run_.kernels.push_back(launch.kernel);
    }
    run_.recording.commands.emplace_back(std::move(launch));
  }

  Turn readTurn(const Napi::Object& command, const std::string& where) {
    Turn turn;
    const Napi::Value value = command.Get("queue");
    if (!value.IsUndefined()) turn.queue = Queue::from(value, where + ".queue").state(env_);
    turn.beside = readBooleanOr(command.Get("beside"), where + ".beside", false);
    std::vector<std::shared_ptr<QueueState>>& queues = run_.queues;
    if (turn.queue == run_.recording.queue) turn.queue = nullptr;
    if (turn.queue && std::find(queues.begin(), queues.end(), turn.queue) == queues.end())
      queues.push_back(turn.queue);
    return turn;
  }

  void readOwnArguments(const Napi::Array& own, const std::string& where, Launch& launch) {
    for (uint32_t i = 0; i < own.Length(); ++i) {
      const std::string what = where + ".arguments[" + std::to_string(i) + "]";
      const Napi::Object entry = readObject(own.Get(i), what);
      const cl_uint index = readArgumentIndex(entry.Get("index"), what + ".index", *launch.kernel);
      launch.arguments.emplace_back(index, KernelArgument::read(entry.Get("value"), what + ".value"));
      changed_[launch.kernel.get()].insert(index);
    }
  }

  cl_uint readSizes(const Napi::Value& value, const std::string& what, std::array<size_t, 3>& sizes) {
    const Napi::Array array = readArray(value, what);
    const uint32_t count = array.Length();
    if (count < 1 || count > sizes.size())
      throw Napi::RangeError::New(env_, what + " must have 1 to 3 numbers");
    for (uint32_t i = 0; i < count; ++i)
      sizes[i] = readSize(array.Get(i), what + "[" + std::to_string(i) + "]", 1);
    return count;
  }

  /// Takes the array's address, and checks that the transfers of all repeats lie inside it.
  void bind(const PendingArray& pending) {
    auto& transfer = std::get<Transfer>(run_.recording.commands[pending.command]);
    uint8_t* data;
    size_t length;
    if (transfer.memory) {
      data = transfer.memory->data();
      length = transfer.memory->bytes();
    } else {
      Napi::Uint8Array array = pending.array.As<Napi::Uint8Array>();  // asks for address and length anew
      data = array.Data();
      length = array.ByteLength();
    }
    checkRange(env_, pending.what, transfer.offset, transfer.bytes, length);
    const size_t room = length - transfer.offset - transfer.bytes;
    if (transfer.stride != 0 && run_.recording.repeats - 1 > room / transfer.stride) {
      throw Napi::RangeError::New(env_, pending.what + ": " + std::to_string(run_.recording.repeats) +
                                            " repeats with stride " + std::to_string(transfer.stride) +
                                            " do not fit into " + std::to_string(length) + " bytes");
    }
    transfer.host = data;
  }

  /// A launch also sets what other launches of its kernel change, back to what was set before the run.
  void complete(Launch& launch, size_t command) {
    const KernelState& kernel = *launch.kernel;
    const std::set<cl_uint>& changed = changed_[launch.kernel.get()];
    for (cl_uint index = 0; index < kernel.arguments.size(); ++index) {
      const bool isOwn = std::any_of(launch.arguments.begin(), launch.arguments.end(),
                                     [&](const auto& own) { return own.first == index; });
      if (isOwn) continue;
      if (!kernel.arguments[index]) {
        throw Napi::TypeError::New(env_, "commands[" + std::to_string(command) + "].kernel: argument " +
                                             std::to_string(index) + " of " + kernel.name + " is not set");
      }
      if (changed.count(index) > 0) launch.arguments.emplace_back(index, *kernel.arguments[index]);
    }
  }

  Napi::Env env_;
  RecordedRun run_{};
  std::vector<PendingArray> arrays_;
  std::map<const KernelState*, std::set<cl_uint>> changed_;
};

}  // namespace

RecordedRun recordRun(std::shared_ptr<QueueState> queue, const Napi::Value& commands,
                      const Napi::Value& options) {
  Recorder recorder(commands.Env(), std::move(queue));
  recorder.readOptions(options);
  recorder.readCommands(commands);
  return recorder.finish();
}

}  // namespace bnnw
