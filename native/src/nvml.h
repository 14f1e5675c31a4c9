// NVIDIA's management library, opened at run time: what a GPU draws and how it is clocked.
#pragma once

#include <napi.h>

namespace bnnw {

/// Adds nvmlDevices() and nvmlReading() to the module.
void defineNvml(Napi::Env env, Napi::Object exports);

}  // namespace bnnw
