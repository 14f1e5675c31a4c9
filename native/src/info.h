// clGetPlatformInfo and clGetDeviceInfo as JavaScript objects, and the two-step queries that all clGet…Info
// functions share.
#pragma once

#include <napi.h>

#include <string>
#include <utility>
#include <vector>

#include "errors.h"
#include "opencl_api.h"

namespace bnnw {

/// `get(size, pointer, sizeReturned)` asks one thing. A value of one fixed-size type; throws Failure.
template <typename Value, typename Get>
Value queryValue(const char* call, Get&& get) {
  Value value{};
  check(get(sizeof value, &value, nullptr), call);
  return value;
}

template <typename Element, typename Get>
std::vector<Element> queryList(const char* call, Get&& get) {
  size_t bytes = 0;
  check(get(0, nullptr, &bytes), call);
  std::vector<Element> list(bytes / sizeof(Element));
  if (!list.empty()) check(get(list.size() * sizeof(Element), list.data(), nullptr), call);
  return list;
}

/// Text without its terminating zero and without white space around it, which some drivers add.
template <typename Get>
std::string queryText(const char* call, Get&& get) {
  const std::vector<char> text = queryList<char>(call, std::forward<Get>(get));
  const std::string whole(text.begin(), text.end());
  const std::string blank(" \t\r\n\0", 5);
  const size_t first = whole.find_first_not_of(blank);
  return first == std::string::npos ? "" : whole.substr(first, whole.find_last_not_of(blank) - first + 1);
}

/// The parts between separators, without empty ones.
std::vector<std::string> split(const std::string& text, char separator);

Napi::Array toArray(Napi::Env env, const std::vector<std::string>& texts);

Napi::Object platformInfo(Napi::Env env, cl_platform_id platform);

Napi::Object deviceInfo(Napi::Env env, cl_device_id device);

}  // namespace bnnw
