// Work off the JavaScript thread, each job on a thread of its own. Not in libuv's pool: it has four threads
// by default, and a driver that hangs would take one of them from file and network work for ever.
#pragma once

#include <napi.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <set>

namespace bnnw {

class Job {
 public:
  explicit Job(Napi::Env env) : deferred_(Napi::Promise::Deferred::New(env)) {}
  virtual ~Job() = default;  // on the JavaScript thread: jobs own references to arrays

  /// On the job's thread: no JavaScript here. May throw Failure and std::bad_alloc.
  virtual void execute() = 0;
  /// Any thread: asks execute() to end early, where it can.
  virtual void cancel() {}
  /// On the JavaScript thread after execute(), whether it failed or not.
  virtual void finished() {}
  /// On the JavaScript thread after a successful execute(): what the promise resolves to.
  virtual Napi::Value result(Napi::Env env) = 0;

 private:
  friend class Jobs;
  Napi::Promise::Deferred deferred_;
  std::exception_ptr error_;
};

/// The jobs of one JavaScript environment. They keep its event loop alive.
class Jobs {
 public:
  explicit Jobs(Napi::Env env);
  ~Jobs();

  /// Throws, and leaves the job unfinished, where no thread can be had.
  Napi::Promise start(Napi::Env env, std::unique_ptr<Job> job);

  /// The process is about to exit, which runs the destructors of the driver: a job that is still in it then would
  /// use what they destroyed. So wait for the jobs; where one does not end, the exit skips all destructors.
  void endBeforeExit(int exitCode);

 private:
  static void deliver(Napi::Env env, Napi::Function, Jobs* jobs, Job* job);
  static void closeEnvironment(void* jobs);
  using Deliverer = Napi::TypedThreadSafeFunction<Jobs, Job, deliver>;

  /// What the threads share with the environment. They may outlive it.
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::set<Job*> executing;
    size_t threads = 0;

    /// Cancels all. Whether they ended within this time.
    bool end(std::chrono::seconds atMost);
  };

  Napi::Env env_;
  Deliverer deliverer_;
  size_t undelivered_ = 0;
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace bnnw
