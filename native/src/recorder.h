// Turns the commands that JavaScript gives into a Recording, which needs no JavaScript any more.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "run_loop.h"

namespace bnnw {

/// A recording and the arrays that it points into.
struct RecordedRun {
  Recording recording;
  /// Keep the arrays from being collected. They cannot keep a caller from transferring or resizing their
  /// memory meanwhile, which index.d.ts forbids.
  std::vector<Napi::ObjectReference> arrays;
  std::vector<std::shared_ptr<KernelState>> kernels;
  /// Those of commands, beside the recording's own.
  std::vector<std::shared_ptr<QueueState>> queues;
};

/// Throws TypeError, RangeError, and Error where a kernel or a queue is in another run.
RecordedRun recordRun(std::shared_ptr<QueueState> queue, const Napi::Value& commands,
                      const Napi::Value& options);

}  // namespace bnnw
