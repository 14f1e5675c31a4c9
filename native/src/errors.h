// A failed OpenCL call, as a C++ exception on any thread and as an OpenClError in JavaScript.
#pragma once

#include <napi.h>

#include <exception>
#include <string>

#include "opencl_api.h"

namespace bnnw {

/// `call` failed with `code`. `detail` tells more where a code alone says too little.
class Failure : public std::exception {
 public:
  Failure(const char* call, cl_int code, std::string detail = {})
      : call(call), code(code), detail(std::move(detail)) {}

  static Failure ofBuild(const char* call, cl_int code, std::string log) {
    Failure failure(call, code);
    failure.hasBuildLog = true;
    failure.buildLog = std::move(log);
    return failure;
  }

  const char* what() const noexcept override { return call; }

  const char* call;  // a literal
  cl_int code;
  std::string detail;
  bool hasBuildLog = false;
  std::string buildLog;
};

inline void check(cl_int code, const char* call) {
  if (code != CL_SUCCESS) throw Failure(call, code);
}

/// `CL_OUT_OF_RESOURCES` for -5; `UNKNOWN` for a code that no header names.
const char* codeName(cl_int code);

Napi::Error toJavaScript(Napi::Env env, const Failure& failure);

/// Runs a method's body and turns what it throws into JavaScript's errors. Every function that JavaScript
/// calls and that may throw a Failure goes through here.
template <typename Body>
auto translated(Napi::Env env, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Failure& failure) {
    throw toJavaScript(env, failure);
  } catch (const std::bad_alloc&) {
    throw Napi::RangeError::New(env, "not enough host memory");
  } catch (const std::length_error&) {
    throw Napi::RangeError::New(env, "not enough host memory");
  }
}

}  // namespace bnnw
