#include "job.h"

#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>

#include "errors.h"

namespace bnnw {

Jobs::Jobs(Napi::Env env) : env_(env) {
  deliverer_ = Deliverer::New(env, "bnnw-opencl", 0, 1, this);
  deliverer_.Unref(env);
  // Hooks run in reverse order of adding: this one before the deliverer's own, so that no thread is left that
  // could still call it.
  napi_add_env_cleanup_hook(env, closeEnvironment, this);
}

Jobs::~Jobs() { napi_remove_env_cleanup_hook(env_, closeEnvironment, this); }

Napi::Promise Jobs::start(Napi::Env env, std::unique_ptr<Job> owned) {
  const Napi::Promise promise = owned->deferred_.Promise();
  Job* job = owned.get();
  {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->executing.insert(job);
    ++shared_->threads;
  }
  try {
    std::thread([job, shared = shared_, deliverer = deliverer_]() mutable {
      try {
        job->execute();
      } catch (...) {
        job->error_ = std::current_exception();
      }
      {
        // After the delivery the job belongs to the JavaScript thread, which deletes it.
        const std::lock_guard<std::mutex> lock(shared->mutex);
        shared->executing.erase(job);
      }
      deliverer.NonBlockingCall(job);
      const std::lock_guard<std::mutex> lock(shared->mutex);
      --shared->threads;
      shared->changed.notify_all();
    }).detach();
  } catch (const std::system_error& error) {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->executing.erase(job);
    --shared_->threads;
    owned->finished();
    throw Napi::Error::New(env, std::string("no thread for an OpenCL job: ") + error.what());
  }
  owned.release();  // deliver() takes it over
  if (undelivered_++ == 0) deliverer_.Ref(env);
  return promise;
}

void Jobs::deliver(Napi::Env env, Napi::Function, Jobs* jobs, Job* job) {
  // Without an environment nothing of JavaScript may be touched, so the job cannot be deleted. This is only
  // so while the environment ends.
  if (static_cast<napi_env>(env) == nullptr) return;
  if (--jobs->undelivered_ == 0) jobs->deliverer_.Unref(env);
  const std::unique_ptr<Job> owned(job);
  job->finished();
  try {
    const Napi::Value result = translated(env, [&] {
      if (job->error_) std::rethrow_exception(job->error_);
      return job->result(env);
    });
    job->deferred_.Resolve(result);
  } catch (const Napi::Error& error) {
    job->deferred_.Reject(error.Value());
  }
}

bool Jobs::Shared::end(std::chrono::seconds atMost) {
  std::unique_lock<std::mutex> lock(mutex);
  for (Job* job : executing) job->cancel();
  return changed.wait_for(lock, atMost, [&] { return threads == 0; });
}

/// A worker or Electron's Node ends. Its arrays are freed after this, and a driver may still write into them:
/// so wait until it is done. A driver that hangs would make that wait endless; then the process ends here,
/// which frees nothing under anybody's feet. (Node's process.exit() on the main thread frees no arrays and
/// runs no hooks: see endBeforeExit().)
void Jobs::closeEnvironment(void* data) {
  if (static_cast<Jobs*>(data)->shared_->end(std::chrono::seconds(10))) return;
  std::fputs("bnnw-opencl: an OpenCL call does not return; ending the process\n", stderr);
  std::_Exit(EXIT_FAILURE);
}

void Jobs::endBeforeExit(int exitCode) {
  if (shared_->end(std::chrono::seconds(2))) return;
#if !defined(_WIN32)  // which ends all other threads before any destructor runs
  static int code;
  code = exitCode;
  std::atexit([] { std::_Exit(code); });  // the last one to be added is the first to run
#else
  (void)exitCode;
#endif
}

}  // namespace bnnw
